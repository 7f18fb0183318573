// @ts-check
/** The table of runs: means, deviations, intervals, and which scores used labels. */
import { fill, h } from "../../lib/dom.js";
import { decimal, duration } from "../../lib/format.js";

/** @typedef {import("./page.js").Row} Row */

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {import("../../lib/store.js").Store<import("./page.js").Chosen>} chosen
 */
export function runTable(project, chosen) {
  const body = h("div", { class: "table-frame" });
  const element = h("section", { class: "panel", "aria-label": "Runs" }, body);
  let sortedBy = "";

  function render() {
    const { table, first, second } = chosen.get();
    if (!table) return fill(body, h("p", { class: "empty" }, "One moment …"));
    if (!table.rows.length) return fill(body, h("p", { class: "empty" }, "No run yet. Start one below, or on Cluster."));
    const { run } = project.state ?? { run: null };
    const rows = sortedBy ? [...table.rows].sort((a, b) =>
      (b.scores[sortedBy]?.mean ?? -Infinity) - (a.scores[sortedBy]?.mean ?? -Infinity)) : table.rows; // prettier-ignore
    fill(body, h("table", { "data-testid": "compare-table" },
      h("caption", { class: "skip" }, "All runs and their scores"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Run"), h("th", { scope: "col" }, "Side by side"),
        h("th", { scope: "col" }, "k"), h("th", { scope: "col" }, "Seeds"), h("th", { scope: "col" }, "Time"),
        table.scores.map(({ key, use }) => h("th", { scope: "col", "aria-sort": sortedBy === key ? "descending" : null },
          h("button", { class: "quiet", onclick: () => ((sortedBy = sortedBy === key ? "" : key), render()) }, title(key)),
          h("span", { class: use.startsWith("no ") ? "use none" : use.includes("name") ? "use named" : "use" }, use))))),
      h("tbody", {}, rows.map((row) => {
        const here = row.runs.includes(first ?? -1) || row.runs.includes(second ?? -1);
        return h("tr", { class: here ? "chosen" : "" },
          h("td", {}, h("strong", {}, row.name), h("span", { class: "spread" },
            [row.preset, row.features, row.reduce, row.algorithm].filter(Boolean).join(" · "),
            row.runs.includes(run ?? -1) ? " · shown now" : "")),
          h("td", { class: "choose" }, choice("A", row, first, (id) => chosen.set({ first: id })),
            choice("B", row, second, (id) => chosen.set({ second: id }))),
          h("td", {}, row.n_clusters), h("td", {}, row.seeds), h("td", {}, duration(row.seconds)),
          table.scores.map(({ key }) => score(row, key)));
      })))); // prettier-ignore
  }

  /** @param {string} letter @param {Row} row @param {number | null} now @param {(run: number) => void} choose */
  function choice(letter, row, now, choose) {
    return h("label", {}, h("input", {
      type: "radio", name: `compare-${letter}`, checked: row.runs.includes(now ?? -1), "data-run": String(row.runs[0]),
      "aria-label": `${row.name} as ${letter}`, onchange: () => choose(row.runs[0]),
    }), letter); // prettier-ignore
  }

  const ends = [chosen.on(["table", "first", "second"], render), project.store.on(["state"], render)];
  render();
  return { element, destroy: () => ends.forEach((end) => end()) };
}

/** @param {Row} row @param {string} key */
function score(row, key) {
  const found = row.scores[key];
  if (!found || found.mean === null || found.mean === undefined) return h("td", { class: "muted" }, "–");
  const { mean, std, low, high } = found;
  const spread = std !== null && `± ${decimal(std, 3)}`;
  const interval = low !== null && high !== null && `95 % interval ${decimal(low)} to ${decimal(high)}`;
  return h("td", { title: interval || null }, decimal(mean), spread && h("span", { class: "spread" }, spread));
}

/** @param {string} key */
function title(key) {
  const text = key.replaceAll("_", " ");
  return ["ari", "nmi", "ami"].includes(text) ? text.toUpperCase() : text[0].toUpperCase() + text.slice(1);
}
