// @ts-check
/** What is in front of a person who labels: a cluster, an image, or nothing more. */
import { digit, paint } from "../../lib/digit.js";
import { h } from "../../lib/dom.js";
import { plural, whole } from "../../lib/format.js";
import { NO_CLUSTER } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";
import { centroid, strip } from "../../lib/tiles.js";

/** @typedef {import("../../lib/project.js").Project} Project */
/** @typedef {import("./page.js").Mode} Mode */

/**
 * @typedef {object} Ways
 * @property {(label: number) => any} label
 * @property {() => void} skip
 * @property {() => void} split
 * @property {() => void} exclude
 * @property {(name: string) => void} go
 * @property {(mode: Mode) => void} choose
 */

/** @param {Project} project @param {Ways} ways */
function classKeys(project, ways) {
  return h("div", { class: "label-keys big" }, project.classes.map((name, label) =>
    h("button", { class: "key", "aria-label": `It is ${name}`, onclick: () => ways.label(label) }, name))); // prettier-ignore
}

/** @param {Project} project @param {import("./page.js").Item} item @param {Ways} ways @returns {Node[]} */
export function clusterCard(project, item, ways) {
  const { cluster, size, medoid, members, label } = item;
  const name = project.className(label);
  const worst = members.slice(-8);
  return [
    h("div", { class: "task-head" },
      centroid(project, cluster, "digit huge smooth"),
      h("div", { class: "stack" },
        h("h2", {}, name ? `Cluster ${cluster} is ${name}` : "Which digit is this?"),
        h("p", { class: "muted" }, `Cluster ${cluster} · ${plural(size, "image")}`),
        h("p", { class: "muted small" }, "The large picture is the mean of its images; this is the most typical of them:"), strip(project, [medoid]))),
    h("h3", {}, "From typical …"),
    strip(project, members.slice(0, -8)),
    h("h3", {}, "… to the worst"),
    strip(project, worst),
    classKeys(project, ways),
    h("div", { class: "row" },
      h("button", { onclick: ways.split, title: "S" }, "Mixed: split it"),
      h("button", { onclick: ways.skip, title: "Space" }, "Later"),
      h("button", { onclick: ways.exclude, title: "X" }, "Exclude"),
      h("button", { class: "quiet", onclick: () => ways.go("explore") }, "Look at it on the map")),
  ]; // prettier-ignore
}

/** @param {Project} project @param {number} image */
function large(project, image) {
  const { images } = project.store.get();
  const ink = themeColor("ink").rgb;
  const { width, height } = images?.dataset ?? { width: 28, height: 28 };
  const canvas = digit(null, { width, height, ink, label: `Image ${image}`, class: "digit huge smooth" });
  canvas.dataset.index = String(image);
  images?.full([image]).then(([pixels]) => paint(canvas, pixels, width, height, ink), () => {});
  return canvas;
}

/** @param {Project} project @param {number} image @param {Ways} ways @returns {Node[]} */
export function borderlineCard(project, image, ways) {
  const { fields, clusters } = project.store.get();
  const near = [fields.cluster?.[image] ?? NO_CLUSTER, fields.second?.[image] ?? NO_CLUSTER].filter((one) => one !== NO_CLUSTER);
  const named = (/** @type {number} */ cluster) =>
    project.className(clusters.find((info) => info.cluster === cluster)?.label) || `cluster ${cluster}`;
  const clear = project.clarity(image);
  return [
    h("div", { class: "task-head" }, large(project, image),
      h("div", { class: "stack" }, h("h2", {}, "Which digit is this?"),
        h("p", { class: "muted" }, `Image ${image}: ${clear || "between two clusters"}.`),
        h("div", { class: "row" }, near.map((cluster) => h("figure", {},
          centroid(project, cluster), h("figcaption", {}, named(cluster))))))),
    classKeys(project, ways),
    h("div", { class: "row" },
      h("button", { onclick: ways.skip, title: "Space" }, "Next"),
      h("button", { onclick: ways.exclude, title: "X" }, "Exclude")),
  ]; // prettier-ignore
}

/**
 * Its label is not shown: who sees it agrees too easily.
 * @param {Project} project @param {number} image @param {import("./page.js").Audit} audit @param {Ways} ways
 * @returns {Node[]}
 */
export function auditCard(project, image, audit, ways) {
  return [
    h("div", { class: "task-head" }, large(project, image),
      h("div", { class: "stack" }, h("h2", {}, "Which digit do you see?"),
        h("p", { class: "muted" }, `${whole(audit.checked + 1)} of ${whole(audit.sample.length)}, drawn at random. What it is labelled is hidden, so that you judge by yourself.`))),
    classKeys(project, ways),
    h("div", { class: "row" }, h("button", { onclick: ways.skip, title: "Space" }, "Cannot tell")),
  ]; // prettier-ignore
}

/** @param {Project} project @param {Mode} mode @param {Ways} ways @returns {Node[]} */
export function doneCard(project, mode, ways) {
  const done = {
    clusters: ["Every cluster has a name", "Now the images between two clusters, where names are least sure."],
    borderline: ["No borderline image is left", "Check a random sample by hand to know how right the labels are."],
    audit: ["The sample is checked", "The accuracy beside holds for all labelled images, within its interval."],
  }[mode];
  const next = { clusters: "borderline", borderline: "audit", audit: null }[mode];
  const { clusters } = project.store.get();
  return [
    h("div", { class: "finished" },
      h("div", { class: "strip" }, clusters.slice(0, 10).map(({ cluster }) => centroid(project, cluster, "digit thumb"))),
      h("h2", {}, done[0]), h("p", { class: "muted" }, done[1]),
      h("div", { class: "row" },
        next && h("button", { class: "primary", onclick: () => ways.choose(/** @type {Mode} */ (next)) },
          next === "audit" ? "Audit a sample" : "Go to borderline images"),
        h("button", { class: next ? "" : "primary", onclick: () => ways.go("recognize") }, "Draw a digit"))),
  ]; // prettier-ignore
}
