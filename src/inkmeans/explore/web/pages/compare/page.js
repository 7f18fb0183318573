// @ts-check
/** Compare: the table of all runs; two of them side by side. */
import { getJson } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { download } from "../../lib/download.js";
import { getMenu } from "../../lib/menu.js";
import { guarded, notify } from "../../lib/notice.js";
import { createStore } from "../../lib/store.js";
import { pairPanel } from "./pair.js";
import { runTable } from "./table.js";

/**
 * @typedef {{mean: number | null, std: number | null, low: number | null, high: number | null}} Score
 * @typedef {{runs: number[], name: string, algorithm: string, features: string, reduce: string | null, n_clusters: number,
 *   preset: string | null, seeds: number, seconds: number, scores: Record<string, Score>}} Row
 * @typedef {{key: string, use: string}} Column
 *
 * @typedef {object} Chosen
 * @property {{scores: Column[], rows: Row[]} | null} table
 * @property {number | null} first a run
 * @property {number | null} second
 */

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, { project, go }) {
  const chosen = createStore(/** @type {Chosen} */ ({ table: null, first: null, second: null }));
  const table = runTable(project, chosen);
  const pair = pairPanel(project, chosen, go);
  const place = h("div", {});
  fill(root,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, "Compare"),
      h("p", { class: "lead" }, "Every run with its scores. Choose two to see where they differ.")),
      h("div", { class: "row" }, ["csv", "tex", "json"].map((kind) =>
        h("a", { class: "button", href: `/api/compare.${kind}`, download: `compare.${kind}`,
          onclick: (/** @type {Event} */ event) => (event.preventDefault(), download(`/api/compare.${kind}`, `compare.${kind}`)) },
          { csv: "CSV", tex: "LaTeX", json: "JSON" }[kind])))),
    h("div", { class: "stack" }, table.element, pair.element, place)); // prettier-ignore

  async function load() {
    const next = await getJson("/api/compare");
    const { first, second } = chosen.get();
    const runs = next.rows.flatMap((/** @type {Row} */ row) => row.runs);
    const known = (/** @type {number | null} */ run) => (run !== null && runs.includes(run) ? run : null);
    const start = known(first) ?? known(project.state?.run ?? null) ?? runs[0] ?? null;
    const other = next.rows.find((/** @type {Row} */ row) => !row.runs.includes(start))?.runs[0];
    chosen.set({ table: next, first: start, second: known(second) ?? other ?? null });
  }

  async function form() {
    const menu = await getMenu();
    const { table } = chosen.get();
    const now = table?.rows.find(({ runs }) => runs.includes(project.state?.run ?? -1));
    fill(place, compareForm(menu, [now?.features ?? "", now?.algorithm ?? ""], async (settings) => {
      if (await guarded(() => project.startJob("compare", settings))) notify("Rows appear as soon as they are done; see Jobs");
    })); // prettier-ignore
  }

  let finished = 0;
  const ends = [
    project.store.on(["changes", "state"], () => guarded(load)),
    project.store.on(["jobs"], ({ jobs }) => {
      const now = jobs.reduce((sum, job) => sum + (job.result?.runs?.length ?? 0) + (job.status === "done" ? 1 : 0), 0);
      if (now !== finished) guarded(load);
      finished = now;
    }),
  ];
  return {
    ready: load().then(form),
    unmount() {
      ends.forEach((end) => end());
      table.destroy();
      pair.destroy();
    },
  };
}

/**
 * @param {import("../../lib/menu.js").Menu} menu @param {string[]} now features and algorithm of the present run
 * @param {(settings: Record<string, any>) => void} start
 */
function compareForm(menu, now, start) {
  const boxes = (/** @type {string} */ title, /** @type {import("../../lib/menu.js").Choice[]} */ choices) => {
    const known = choices.filter(({ available }) => available);
    const first = known.find(({ name }) => now.includes(name)) ?? known[0];
    const inputs = known.map((one) => h("input", { type: "checkbox", value: one.name, checked: one === first }));
    const element = h("fieldset", {}, h("legend", {}, title), h("div", { class: "checks" },
      inputs.map((input) => h("label", {}, input, input.value)))); // prettier-ignore
    return { element, values: () => inputs.filter(({ checked }) => checked).map(({ value }) => value) };
  };
  const features = boxes("Features", menu.features);
  const algorithms = boxes("Algorithms", menu.algorithms);
  const clusters = h("input", { type: "number", min: "2", value: "10", "aria-label": "Clusters" });
  const seeds = h("input", { type: "number", min: "1", max: "20", value: "3", "aria-label": "Seeds" });
  const form = h("form", { class: "panel form", "aria-label": "Run a comparison" },
    h("h2", {}, "Run a comparison"),
    features.element, algorithms.element,
    h("div", { class: "row" },
      h("label", { class: "inline" }, h("span", {}, "Clusters"), clusters),
      h("label", { class: "inline" }, h("span", {}, "Seeds"), seeds),
      h("button", { class: "primary", type: "submit" }, "Run"))); // prettier-ignore
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const settings = { features: features.values(), algorithms: algorithms.values(), n_clusters: Number(clusters.value), seeds: Number(seeds.value) };
    if (!settings.features.length || !settings.algorithms.length) return notify("Choose features and an algorithm");
    start(settings);
  });
  return form;
}
