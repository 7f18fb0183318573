// @ts-check
/** Bringing images in: drop, look at before and after, use them. */
import { fill, h } from "../../lib/dom.js";
import { bytes, plural, whole } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { complain, guarded, notify } from "../../lib/notice.js";
import { previews } from "./previews.js";
import { discard, filesOf, sendFiles, sendOne, use } from "./transfer.js";

/** @typedef {import("../../lib/protocol.js").Upload} Upload */
/** @typedef {{invert: string, crop: number, center: number, size: number}} Preparation */

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {(name: string) => void} go
 */
export function uploadPanel(project, go) {
  const files = h("input", { type: "file", hidden: true, multiple: true, "data-testid": "upload-files" });
  const folder = h("input", { type: "file", hidden: true, webkitdirectory: true, "data-testid": "upload-folder" });
  const progress = h("progress", { hidden: true, "aria-label": "Reading files" });
  const drop = h("div", { class: "drop" },
    h("h2", {}, "Drop images here"),
    h("p", { class: "muted" }, "A folder of pictures (its sub-folders are labels), a zip, IDX, NPZ or NPY."),
    h("div", { class: "row" },
      h("button", { class: "primary", onclick: () => files.click() }, "Choose files"),
      h("button", { onclick: () => folder.click() }, "Choose a folder"), files, folder),
    progress); // prettier-ignore
  const after = h("div", { class: "stack" });
  const element = h("section", { class: "wide stack", "aria-label": "Open your own images" }, drop, after);
  /** @type {Upload | null} */
  let upload = null;
  const view = previews();

  /** @param {{path: string, file: File}[]} chosen */
  async function take(chosen) {
    if (!chosen.length) return;
    progress.hidden = false;
    progress.removeAttribute("value");
    try {
      await forget();
      const single = chosen.length === 1 && !chosen[0].path.includes("/");
      upload = single ? await sendOne(chosen[0].file) : await sendFiles(chosen, (share) => (progress.value = share));
      render();
    } catch (error) {
      complain(error);
    } finally {
      progress.hidden = true;
      files.value = folder.value = "";
    }
  }

  async function forget() {
    if (upload) await discard(upload.id).catch(() => {});
    upload = null;
    fill(after);
  }

  function render() {
    if (!upload) return fill(after);
    const { name, n, bytes: size, classes, sizes, blanks, duplicates } = upload;
    const shapes = sizes.map(([height, width, count]) => `${width} × ${height}${sizes.length > 1 ? ` (${whole(count)})` : ""}`);
    const invert = h("select", { "aria-label": "Invert" },
      h("option", { value: "auto" }, "if needed"), h("option", { value: "yes" }, "yes"), h("option", { value: "no" }, "no")); // prettier-ignore
    const crop = h("input", { type: "checkbox", checked: true });
    const center = h("input", { type: "checkbox", checked: true });
    const side = h("input", { type: "number", min: "8", max: "64", value: "28", "aria-label": "Size" });
    /** @returns {Preparation} */
    const chosen = () => ({
      invert: invert.value, crop: Number(crop.checked), center: Number(center.checked),
      size: Math.min(64, Math.max(8, Math.round(Number(side.value)) || 28)),
    }); // prettier-ignore
    const id = upload.id;
    for (const field of [invert, crop, center, side]) field.addEventListener("input", () => view.showAfter(id, chosen()));
    const useButton = h("button", { class: "primary", "data-testid": "use-upload", onclick: async () => {
      useButton.disabled = true;
      const done = await guarded(() => use(id, chosen()));
      useButton.disabled = false;
      if (!done) return;
      upload = null;
      fill(after);
      notify(`${name} is open`);
      await guarded(() => project.read());
      go("explore");
    } }, `Use ${plural(n, "image")}`); // prettier-ignore
    fill(after, h("section", { class: "panel stack", "aria-label": "Before and after" },
      h("div", { class: "panel-head" }, h("h2", {}, name), useButton, h("button", { onclick: () => guarded(forget) }, "Discard")),
      h("p", { class: "muted" }, [plural(n, "image"), bytes(size), shapes.join(", "),
        classes.length ? `labels ${classes.slice(0, 12).join(" ")}` : "no labels",
        plural(blanks, "blank"), plural(duplicates, "duplicate")].join(" · ")),
      h("div", { class: "row" }, labelled("Invert", invert), check(crop, "Crop to the ink"), check(center, "Centre by mass"), labelled("Size", side)),
      h("div", { class: "before-after" },
        h("figure", {}, view.before, h("figcaption", {}, "as they came")), icon("next"),
        h("figure", {}, view.after, h("figcaption", {}, "as they will be used"))))); // prettier-ignore
    view.showBefore(id, upload.preview_side);
    view.showAfter(id, chosen());
  }

  files.addEventListener("change", () => take([...(files.files ?? [])].map((file) => ({ path: file.name, file }))));
  folder.addEventListener("change", () =>
    take([...(folder.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })))); // prettier-ignore
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
    });
  }
  drop.addEventListener("drop", async (event) => {
    if (event.dataTransfer) take(await filesOf(event.dataTransfer));
  });
  const end = project.store.on(["theme"], render);
  return {
    element,
    destroy() {
      end();
      if (upload) discard(upload.id).catch(() => {});
    },
  };
}

/** @param {string} text @param {HTMLElement} field */
function labelled(text, field) {
  return h("label", { class: "inline" }, h("span", {}, text), field);
}

/** @param {HTMLInputElement} box @param {string} text */
function check(box, text) {
  return h("label", { class: "inline" }, box, h("span", {}, text));
}
