// @ts-check
/** Data: what is open, and how to open something else. Nothing leaves this machine. */
import { getBytes, getJson, postJson } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { percent, plural, whole } from "../../lib/format.js";
import { Gallery } from "../../lib/gallery.js";
import { getMenu } from "../../lib/menu.js";
import { complain, guarded, notify } from "../../lib/notice.js";
import { themeColor } from "../../lib/theme.js";
import { uploadPanel } from "./upload.js";

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, { project, go }) {
  const open = h("section", { class: "panel", "aria-label": "Open now", "data-testid": "open-data" });
  const samples = h("section", { class: "panel", "aria-label": "Sample sets" });
  const checks = checkPanel(project);
  const upload = uploadPanel(project, go);
  fill(root,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, "Data"),
      h("p", { class: "lead" }, "Your images stay on this machine: page and program are both here."))),
    h("div", { class: "data-grid" }, upload.element, open, samples, checks.element)); // prettier-ignore

  function renderOpen() {
    const { state } = project.store.get();
    const dataset = state?.dataset;
    if (!state || !dataset) return fill(open, h("h2", {}, "Open now"), h("p", { class: "muted" }, "Nothing yet."));
    const { n, n_train: trained, height, width, classes, licence, name } = dataset;
    fill(open, h("h2", {}, "Open now"), h("dl", { class: "facts" },
      h("dt", {}, "Images"), h("dd", {}, `${name}, ${whole(n)}`),
      h("dt", {}, "Parts"), h("dd", {}, n > trained ? `${whole(trained)} training, ${whole(n - trained)} test` : "one"),
      h("dt", {}, "Size"), h("dd", {}, `${width} × ${height}`),
      h("dt", {}, "True classes"), h("dd", {}, classes.length ? classes.join(" ") : "not known"),
      licence && [h("dt", {}, "Licence"), h("dd", {}, licence)],
      h("dt", {}, "Labelled"), h("dd", {}, percent(state.labels.coverage)),
      h("dt", {}, "Project"), h("dd", {}, state.project.path))); // prettier-ignore
  }

  async function renderSamples() {
    const { datasets } = await getMenu();
    const open = project.state?.dataset?.name;
    fill(samples, h("h2", {}, "Sample sets"), h("ul", { class: "samples" }, datasets.map(({ name, summary, available, hint }) =>
      h("li", { class: "sample" }, h("span", {}, h("strong", {}, name), h("small", {}, available ? summary : (hint ?? summary))),
        name === open
          ? h("span", { class: "muted small" }, "open now")
          : h("button", { disabled: !available, "aria-label": `Open ${name}`, onclick: () => openSample(name) }, "Open"))))); // prettier-ignore
  }

  /** @param {string} name */
  async function openSample(name) {
    if (await guarded(() => postJson("/api/data/open", { name }))) notify(`Opening ${name}; see Jobs`);
  }

  const ends = [
    project.store.on(["state"], renderOpen),
    project.store.on(["images"], () => guarded(renderSamples)),
  ];
  renderOpen();
  return {
    ready: renderSamples(),
    unmount() {
      ends.forEach((end) => end());
      checks.destroy();
      upload.destroy();
    },
  };
}

/** Blank images and copies among those that are open. @param {import("../../lib/project.js").Project} project */
function checkPanel(project) {
  const line = h("p", { class: "muted" }, "Looking …");
  const grid = h("div", { class: "check-gallery", hidden: true });
  const element = h("section", { class: "panel stack", "aria-label": "Blanks and duplicates" },
    h("h2", {}, "Blanks and duplicates"), line, grid); // prettier-ignore
  const gallery = new Gallery(grid, { label: "Images found", size: 44, look: (index) => ({ label: `image ${index}` }) });

  async function load() {
    const { images } = project.store.get();
    element.hidden = !images;
    if (!images) return;
    const base = `/api/data/${images.dataset.id}/checks`;
    try {
      const { blanks, duplicates } = await getJson(base);
      const show = async (/** @type {string} */ kind) => {
        gallery.setItems(new Uint32Array(await getBytes(`${base}/${kind}`)));
        grid.hidden = false;
        gallery.setImages(images, themeColor("ink").rgb);
        gallery.layout();
      };
      const link = (/** @type {string} */ kind, /** @type {string} */ text) =>
        h("button", { onclick: () => guarded(() => show(kind)) }, text); // prettier-ignore
      fill(line, blanks + duplicates === 0 ? "None: every image has ink, and no two are the same."
        : h("span", { class: "row" }, blanks ? link("blanks", plural(blanks, "blank image")) : "No blank image",
            duplicates ? link("duplicates", `${plural(duplicates, "copy", "copies")} of an earlier image`) : "No copies")); // prettier-ignore
    } catch (error) {
      complain(error);
    }
  }
  const end = project.store.on(["images"], load);
  load();
  return {
    element,
    destroy() {
      end();
      gallery.destroy();
    },
  };
}
