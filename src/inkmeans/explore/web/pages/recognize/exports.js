// @ts-check
/** Everything that can be taken away, and labels that can be brought back in. */
import { query } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { guarded, notify } from "../../lib/notice.js";
import { download } from "../../lib/download.js";

const EXPORTS = [
  ["model.safetensors", "Model", "for inkmeans predict, with the names of its clusters"],
  ["model.onnx", "ONNX", "for other programs, without Python"],
  ["classes.zip", "Folder per class", "the labelled images as PNG files"],
  ["labels.csv", "Labels, CSV", "one line an image"],
  ["labels.parquet", "Labels, Parquet", "the same, for data frames"],
  ["report.html", "Report", "scores and figures in one file"],
];

/** @param {import("../../lib/project.js").Project} project @returns {HTMLElement} */
export function exportPanel(project) {
  const file = h("input", { type: "file", accept: ".csv,.parquet", hidden: true, "data-testid": "import-labels" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    const done = await guarded(() => project.act(`/api/import/labels${query({ name: chosen.name })}`, chosen));
    file.value = "";
    if (done) notify(`${done.action.text}`);
  });
  return h("section", { class: "panel", "aria-label": "Export" },
    h("div", { class: "panel-head" }, h("h2", {}, "Take it with you"),
      h("button", { onclick: () => file.click() }, "Bring labels back in"), file),
    h("ul", { class: "exports" }, EXPORTS.map(([name, title, text]) =>
      h("li", {}, h("a", {
        class: "export", href: `/api/export/${name}`, download: name, "data-export": name,
        onclick: (/** @type {Event} */ event) => (event.preventDefault(), download(`/api/export/${name}`, name)),
      },
        icon("down"), h("span", {}, h("strong", {}, title), h("small", {}, text))))))); // prettier-ignore
}
