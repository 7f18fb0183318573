// @ts-check
/** What the model says: the digit, how sure, why, and the image that it saw. */
import { digit } from "../../lib/digit.js";
import { fill, h } from "../../lib/dom.js";
import { decimal, percent } from "../../lib/format.js";
import { classColor, css } from "../../lib/palette.js";
import { fromBase64 } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";
import { centroid, strip } from "../../lib/tiles.js";

/**
 * @typedef {object} Answer
 * @property {number} run
 * @property {string} seen
 * @property {number} height
 * @property {number} width
 * @property {string} done
 * @property {boolean} blank
 * @property {number} cluster
 * @property {number | null} label
 * @property {number} confidence
 * @property {{label: number, share: number}[]} classes
 * @property {{cluster: number, label: number | null, distance: number, share: number}[]} clusters
 * @property {{image: number, distance: number, label: number | null}[]} neighbors
 */

/** @param {import("../../lib/project.js").Project} project */
export function answerPanel(project) {
  const prediction = h("output", { class: "prediction", "data-testid": "prediction", "aria-live": "polite" });
  const seen = h("figure", { class: "seen" });
  const bars = h("div", { class: "stack tight", "data-testid": "class-bars" });
  const clusters = h("div", { class: "strip figures" });
  const neighbors = h("div", {});
  const heading = h("h3", {}, "");
  const element = h("section", { class: "panel answer", "aria-label": "Answer" },
    h("div", { class: "answer-head" }, prediction, seen),
    bars,
    heading, clusters,
    h("h3", { class: "only-answered" }, "Training images most like it"), neighbors); // prettier-ignore

  /** @param {Answer | null} answer */
  function show(answer) {
    const { theme } = project.store.get();
    const empty = !answer || answer.blank;
    element.classList.toggle("nothing", empty);
    if (empty) {
      delete prediction.dataset.cluster;
      delete prediction.dataset.label;
      fill(prediction, h("strong", { class: "none" }, "?"), h("span", { class: "muted" }, "Draw a digit; the answer follows your pen."));
      for (const part of [seen, bars, neighbors]) fill(part);
      const known = project.store.get().clusters.slice(0, 20);
      fill(clusters, known.map(({ cluster, label }) => h("figure", {}, centroid(project, cluster, "digit thumb"),
        h("figcaption", {}, project.className(label) || `#${cluster}`)))); // prettier-ignore
      heading.textContent = "What it knows";
      return;
    }
    heading.textContent = "Likeliest clusters";
    const name = project.className(answer.label);
    prediction.dataset.cluster = String(answer.cluster);
    if (name) prediction.dataset.label = name;
    else delete prediction.dataset.label;
    // A cluster's number in large type would be taken for the digit.
    fill(prediction, name ? h("strong", {}, name) : centroid(project, answer.cluster, "digit huge smooth"),
      h("span", {}, name ? `${percent(answer.confidence, 0)} sure` : "This cluster has no name yet: give it one on Label."),
      h("span", { class: "muted small" }, `cluster ${answer.cluster}`)); // prettier-ignore
    fill(seen, digit(fromBase64(answer.seen), { width: answer.width, height: answer.height, ink: themeColor("ink").rgb,
      class: "digit huge", label: "The image as the model sees it" }),
      h("figcaption", {}, h("span", {}, "What the model sees"),
        answer.done.split("; ").map((step) => h("span", {}, step)))); // prettier-ignore
    const shares = new Map(answer.classes.map(({ label, share }) => [label, share]));
    fill(bars, !name ? [] : project.classes.filter((_, at) => shares.has(at)).map((text, _, all) => {
      const at = project.classes.indexOf(text);
      const share = shares.get(at) ?? 0;
      const bar = h("i", {});
      bar.style.width = `${100 * share}%`;
      bar.style.background = css(classColor(at, theme));
      return h("div", { class: "bar" }, h("b", {}, text), h("div", { class: "bar-track" }, bar), h("span", {}, percent(share, all.length > 12 ? 0 : 1)));
    })); // prettier-ignore
    fill(clusters, answer.clusters.map(({ cluster, label, distance }) => h("figure", {},
      centroid(project, cluster, "digit thumb"),
      h("figcaption", { title: `distance ${decimal(distance, 2)}` }, project.className(label) || `#${cluster}`)))); // prettier-ignore
    if (!answer.neighbors.length) return; // a quick answer; the whole one follows when the pen rests
    const names = new Map(answer.neighbors.map(({ image, label }) => [image, project.className(label)]));
    fill(neighbors, strip(project, answer.neighbors.map(({ image }) => image), {
      label: (image) => `image ${image}${names.get(image) ? `, labelled ${names.get(image)}` : ""}`,
    })); // prettier-ignore
  }
  show(null);
  return { element, show };
}
