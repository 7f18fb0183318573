// @ts-check
/** Two runs side by side: how many images each pair of clusters shares, and which. */
import { getBytes, getJson, query } from "../../lib/api.js";
import { bitsOf } from "../../lib/bitset.js";
import { digit } from "../../lib/digit.js";
import { fill, h } from "../../lib/dom.js";
import { decimal, percent, plural, whole } from "../../lib/format.js";
import { Gallery } from "../../lib/gallery.js";
import { complain } from "../../lib/notice.js";
import { imagesOf } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";

/** @typedef {{first: number[], second: number[], counts: number[][], ari: number, nmi: number, agreement: number}} Table */

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {import("../../lib/store.js").Store<import("./page.js").Chosen>} chosen
 * @param {(name: string) => void} go
 */
export function pairPanel(project, chosen, go) {
  const head = h("div", { class: "panel-head" });
  const matrix = h("div", { class: "table-frame", "data-testid": "contingency" });
  const caption = h("p", { class: "muted", "aria-live": "polite" });
  const grid = h("div", { class: "cell-gallery", hidden: true });
  const onMap = h("button", { hidden: true }, "Show them on the map");
  const side = h("div", { class: "stack" }, caption, grid, onMap);
  const element = h("section", { class: "panel", "aria-label": "Two runs", hidden: true },
    head, h("div", { class: "compare-pair" }, matrix, side)); // prettier-ignore
  const gallery = new Gallery(grid, {
    label: "Images of the chosen cell", size: 44,
    look: (index) => ({ label: `image ${index}`, badge: "" }),
  }); // prettier-ignore
  let turn = 0;

  async function load() {
    const { first, second, table } = chosen.get();
    element.hidden = first === null || second === null || first === second;
    if (element.hidden || first === null || second === null) return;
    const mine = ++turn;
    try {
      const names = (/** @type {number} */ run) => table?.rows.find(({ runs }) => runs.includes(run))?.name ?? `run ${run}`;
      const [data, mine1, mine2] = await Promise.all([
        /** @type {Promise<Table>} */ (getJson(`/api/compare/table${query({ first, second })}`)),
        pictures(first), pictures(second),
      ]); // prettier-ignore
      if (mine !== turn) return;
      fill(head, h("h2", {}, `A ${names(first)} × B ${names(second)}`),
        h("span", { class: "muted small" }, `ARI ${decimal(data.ari)} · NMI ${decimal(data.nmi)} · ${percent(data.agreement)} agree`)); // prettier-ignore
      fill(matrix, contingency(data, mine1, mine2, (row, column) => show(first, second, row, column)));
      fill(caption, "A click on a cell shows the images that are in both clusters.");
      gallery.setItems([]);
      grid.hidden = onMap.hidden = true;
    } catch (error) {
      complain(error);
    }
  }

  /** @param {number} run @returns {Promise<Map<number, Uint8Array>>} */
  async function pictures(run) {
    const { images } = project.store.get();
    const size = images ? images.dataset.height * images.dataset.width : 784;
    const [{ clusters }, bytes] = await Promise.all([
      getJson(`/api/runs/${run}/clusters`),
      getBytes(`/api/runs/${run}/centroids`),
    ]);
    const all = imagesOf(new Uint8Array(bytes), size);
    return new Map(clusters.map((/** @type {{cluster: number}} */ { cluster }, /** @type {number} */ at) => [cluster, all[at]]));
  }

  /** @param {number} first @param {number} second @param {number} row @param {number} column */
  async function show(first, second, row, column) {
    try {
      const indices = new Uint32Array(await getBytes(`/api/compare/cell${query({ first, second, row, column })}`));
      grid.hidden = false;
      gallery.setItems(indices);
      const title = `A #${row}, B #${column}`;
      fill(caption, `${plural(indices.length, "image")} in cluster ${row} of A and cluster ${column} of B`);
      onMap.hidden = indices.length === 0;
      onMap.onclick = () => {
        const n = project.store.get().images?.dataset.n ?? 0;
        project.store.set({ shown: { bits: bitsOf(n, indices), title } });
        go("explore");
      };
    } catch (error) {
      complain(error);
    }
  }

  /**
   * @param {Table} data @param {Map<number, Uint8Array>} rows @param {Map<number, Uint8Array>} columns
   * @param {(row: number, column: number) => void} onPick
   */
  function contingency({ first, second, counts }, rows, columns, onPick) {
    const { images } = project.store.get();
    const { width, height } = images?.dataset ?? { width: 28, height: 28 };
    const ink = themeColor("ink").rgb;
    const face = (/** @type {Uint8Array | undefined} */ pixels, /** @type {string} */ label) =>
      digit(pixels ?? null, { width, height, ink, label }); // prettier-ignore
    const table = h("table", { class: "matrix" },
      h("thead", {}, h("tr", {}, h("th", { class: "muted small" }, "A \\ B"),
        second.map((cluster) => h("th", { scope: "col" }, face(columns.get(cluster), `B cluster ${cluster}`))))),
      h("tbody", {}, first.map((cluster, at) => {
        const sum = counts[at].reduce((total, count) => total + count, 0) || 1;
        return h("tr", {}, h("th", { scope: "row" }, face(rows.get(cluster), `A cluster ${cluster}`)),
          counts[at].map((count, column) => {
            const button = h("button", {
              disabled: count === 0, "aria-pressed": "false", "data-row": String(cluster), "data-column": String(second[column]),
              "aria-label": `A cluster ${cluster} and B cluster ${second[column]}: ${plural(count, "image")}`,
            }, count ? whole(count) : "·");
            // Never so dark that the number on it could not be read.
            const share = Math.round(45 * Math.sqrt(count / sum));
            button.style.background = `color-mix(in srgb, var(--link) ${share}%, var(--sunken))`;
            button.addEventListener("click", () => {
              table.querySelector('[aria-pressed="true"]')?.setAttribute("aria-pressed", "false");
              button.setAttribute("aria-pressed", "true");
              onPick(cluster, second[column]);
            });
            return h("td", {}, button);
          }));
      }))); // prettier-ignore
    return table;
  }

  function paint() {
    const { images } = project.store.get();
    if (images) gallery.setImages(images, themeColor("ink").rgb);
  }
  const ends = [
    chosen.on(["first", "second"], load),
    project.store.on(["theme"], () => (paint(), load())),
    project.store.on(["images"], paint),
  ];
  paint();
  load();
  return {
    element,
    destroy() {
      ends.forEach((end) => end());
      gallery.destroy();
    },
  };
}
