// @ts-check
/** What to say at each moment. */
import { h } from "../../lib/dom.js";
import { plural, whole } from "../../lib/format.js";

/** @type {Record<string, string>} */
const STARTS = {
  random: "Ten images drawn at random are the first centroids. Often two of them are the same digit, and another digit has none.",
  "k-means++": "Each centroid is drawn far from those before it. The start is spread out, so fewer steps are needed and the end is better.",
  "one-corner": "All ten start side by side. They have to creep apart, and some never reach the digits on the other side.",
  "one-class": "All ten start at the same digit. Its ways of writing get clusters of their own; other digits must share one.",
  outliers: "All ten start at strange images. One takes nearly everything, others keep a single image.",
};

/**
 * @param {{next: "assign" | "update" | "done", moved: number, n: number, steps: number, start: string}} now
 * @returns {Node[]}
 */
export function lessonOf({ next, moved, n, steps, start }) {
  if (steps === 0) return [h("h3", {}, "A start"), h("p", {}, STARTS[start] ?? "")];
  if (next === "done") {
    return [h("h3", {}, "Nothing moves any more"), h("p", {}, `After ${plural(steps, "half step")} each image is nearest to its own centroid. It is a best place near the start, not the best of all: try another start.`)];
  }
  if (next === "update") {
    return [h("h3", {}, "Assigned"), h("p", {}, moved === n && steps === 1
      ? "Each image took the colour of its nearest centroid. Now each centroid can move to the mean of its images."
      : `${plural(moved, "image")} changed colour. Now each centroid can move to the mean of its images.`)]; // prettier-ignore
  }
  return [h("h3", {}, "Updated"), h("p", {}, "Each centroid is now the mean of its images: that is why it is blurred. Some images may be nearer to another one now.")];
}

/**
 * A cluster's number is not a digit: say what each number holds.
 * @param {Uint8Array} labels @param {number[]} truth @param {string[]} classes
 * @returns {HTMLElement}
 */
export function meaning(labels, truth, classes) {
  const counts = new Map();
  labels.forEach((label, i) => {
    const name = classes[truth[i]];
    if (name === undefined) return;
    const row = counts.get(label) ?? new Map();
    row.set(name, (row.get(name) ?? 0) + 1);
    counts.set(label, row);
  });
  const lines = [...counts].sort(([a], [b]) => a - b).map(([label, row]) => {
    const [[name, count]] = [...row].sort((a, b) => b[1] - a[1]);
    const total = [...row.values()].reduce((sum, one) => sum + one, 0);
    return h("li", {}, h("b", {}, `#${label}`), ` holds mostly ${name} (${whole(count)} of ${whole(total)})`);
  }); // prettier-ignore
  return h("div", { class: "meaning", "data-testid": "meaning" },
    h("h3", {}, "A cluster's number is not a digit"),
    h("p", {}, "k-means never saw a label: a number is only the place of a centroid in a list. A person has to say what it holds; that is what Label is for."),
    h("ul", { class: "small" }, lines)); // prettier-ignore
}
