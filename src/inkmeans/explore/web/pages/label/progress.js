// @ts-check
/** How far labelling is, and how right it is. */
import { fill, h, svg } from "../../lib/dom.js";
import { percent, whole } from "../../lib/format.js";
import { classColor, css } from "../../lib/palette.js";

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {import("../../lib/store.js").Store<import("./page.js").Desk>} desk
 */
export function progressPanel(project, desk) {
  const element = h("aside", { class: "panel progress", "aria-label": "Progress", "data-testid": "label-progress" });

  function render() {
    const { state, theme } = project.store.get();
    const { audit } = desk.get();
    if (!state) return;
    const { labels, classes } = state;
    const most = Math.max(1, ...labels.per_class);
    fill(element,
      h("h2", {}, "So far"),
      h("div", { class: "numbers" },
        number(whole(labels.actions), "labels spent"),
        number(percent(labels.coverage), "covered"),
        number(whole(labels.by_hand), "by hand")),
      h("progress", { value: labels.coverage, "aria-label": "Images covered" }),
      h("h3", {}, "Accuracy"),
      audit && audit.accuracy !== null
        ? h("div", { class: "stack" },
            h("div", { class: "numbers" }, number(percent(audit.accuracy), `of ${whole(audit.checked)} checked by hand`)),
            interval(audit),
            h("p", { class: "muted small" }, `95 % interval ${percent(audit.low)} to ${percent(audit.high)}`))
        : h("p", { class: "muted small" }, "Not known yet: check a random sample by hand under Audit."),
      h("h3", {}, "Images a class"),
      h("div", { class: "stack tight" }, classes.slice(0, 20).map((name, at) => {
        const count = labels.per_class[at] ?? 0;
        const bar = h("i", {});
        bar.style.width = `${(100 * count) / most}%`;
        bar.style.background = css(classColor(at, theme));
        return h("div", { class: "bar" }, h("b", {}, name), h("div", { class: "bar-track" }, bar), h("span", {}, whole(count)));
      }))); // prettier-ignore
  }
  const ends = [project.store.on(["state", "theme"], render), desk.on(["audit"], render)];
  render();
  return { element, destroy: () => ends.forEach((end) => end()) };
}

/** @param {string} value @param {string} text */
function number(value, text) {
  return h("p", { class: "number" }, h("strong", {}, value), h("span", {}, text));
}

/** @param {import("./page.js").Audit} audit */
function interval({ low, high, accuracy }) {
  const x = (/** @type {number | null} */ share) => 4 + 192 * (share ?? 0);
  return svg("svg", { viewBox: "0 0 200 16", class: "chart", "aria-hidden": "true" },
    svg("line", { class: "axis", x1: 4, x2: 196, y1: 8, y2: 8, "stroke-width": 4, "stroke-linecap": "round" }),
    svg("line", { class: "line", x1: x(low), x2: x(high), y1: 8, y2: 8 }),
    svg("circle", { class: "dot", cx: x(accuracy), cy: 8, r: 5 })); // prettier-ignore
}
