// @ts-check
/** Dialogs of the Explore page: one cluster, one image, merging. */
import { digit } from "../../lib/digit.js";
import { openDialog } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { decimal, percent, whole } from "../../lib/format.js";
import { guarded, notify } from "../../lib/notice.js";
import { EXCLUDED, NO_CLUSTER } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";

/** @typedef {import("../../lib/project.js").Project} Project */

/** @param {Project} project @param {number} cluster */
function picture(project, cluster) {
  const { centroids, images } = project.store.get();
  const { width, height } = images?.dataset ?? { width: 28, height: 28 };
  return digit(centroids.get(cluster) ?? null, { width, height, ink: themeColor("ink").rgb, class: "digit large" });
}

/**
 * What one can do with a cluster, for mouse and fingers; every button has a key as well.
 * @param {Project} project @param {number} cluster
 * @param {{name: (label: number) => void, split: (parts: number) => void, merge: () => void, exclude: () => void}} actions
 */
export function clusterDialog(project, cluster, actions) {
  const info = project.store.get().clusters.find((one) => one.cluster === cluster);
  if (!info) return;
  return openDialog(`Cluster ${cluster}`, (close) => {
    const then = (/** @type {() => void} */ run) => () => (close(), run());
    const parts = h("input", { type: "number", min: "2", max: "20", value: "2", "aria-label": "Parts" });
    return [
      h("div", { class: "split" }, picture(project, cluster),
        h("dl", { class: "facts" },
          h("dt", {}, "Images"), h("dd", {}, whole(info.size)),
          h("dt", {}, "Tightness"), h("dd", {}, decimal(info.tightness, 2)),
          h("dt", {}, "Confidence"), h("dd", {}, percent(info.confidence)),
          info.purity !== null && [h("dt", {}, "Purity"), h("dd", {}, percent(info.purity))])),
      h("p", { class: "muted small" }, "Tightness: below 1 is tighter than usual. Confidence: 0 % for images between two clusters, 100 % for those that are surely in their own.",
        info.purity !== null && " Purity: the share of its commonest true class."),
      h("h3", {}, "Name it"),
      h("div", { class: "label-keys" }, project.classes.map((name, label) =>
        h("button", { class: "key", onclick: then(() => actions.name(label)) }, name)),
        info.label !== null && h("button", { class: "key wide", onclick: then(() => actions.name(255)) }, "no name")),
      h("h3", {}, "Change it"),
      h("div", { class: "row" },
        h("span", { class: "row together" },
          h("button", { onclick: then(() => actions.split(Number(parts.value) || 2)) }, "Split"),
          h("label", { class: "inline" }, "into", parts, "parts")),
        h("button", { onclick: then(actions.merge) }, "Merge into …"),
        h("button", { onclick: then(actions.exclude) }, "Exclude")),
    ];
  }, { testid: "cluster-dialog" }); // prettier-ignore
}

/** @param {Project} project @param {number} source @param {(target: number) => void} merge */
export function mergeDialog(project, source, merge) {
  const others = project.store.get().clusters.filter(({ cluster }) => cluster !== source);
  return openDialog(`Merge cluster ${source} into`, (close) => [
    h("div", { class: "choices" }, others.map(({ cluster, label, size }) =>
      h("button", { class: "choice", onclick: () => (close(), merge(cluster)) },
        picture(project, cluster),
        h("strong", {}, project.className(label) || `#${cluster}`), h("span", { class: "muted small" }, whole(size))))),
  ], { wide: true, testid: "merge-dialog" }); // prettier-ignore
}

/** @param {Project} project @param {number} index @param {() => void} showNear */
export async function imageDialog(project, index, showNear) {
  const { fields, clusters, images, state } = project.store.get();
  if (!images) return;
  const [pixels] = (await guarded(() => images.full([index]))) ?? [];
  if (!pixels) return;
  const { width, height, n_train: trained, classes } = images.dataset;
  const label = fields.label?.[index];
  const nameOf = (/** @type {number | undefined} */ cluster) =>
    cluster === undefined || cluster === NO_CLUSTER ? "none"
    : `#${cluster} ${project.className(clusters.find((one) => one.cluster === cluster)?.label)}`.trim(); // prettier-ignore
  const clear = project.clarity(index);
  const truth = fields.truth?.[index];
  await openDialog(`Image ${index}`, (close) => [
    h("div", { class: "split" },
      digit(pixels, { width, height, ink: themeColor("ink").rgb, label: `Image ${index}`, class: "digit huge" }),
      h("dl", { class: "facts" },
        h("dt", {}, "Part"), h("dd", {}, index < trained ? "training" : "test"),
        h("dt", {}, "Cluster"), h("dd", {}, nameOf(fields.cluster?.[index])),
        h("dt", {}, "Next cluster"), h("dd", {}, nameOf(fields.second?.[index])),
        h("dt", {}, "Distance to mean"), h("dd", {}, decimal(fields.distance?.[index], 2)),
        h("dt", {}, "Confidence"), h("dd", {}, percent(fields.confidence?.[index])),
        h("dt", {}, "Label"), h("dd", {}, label === EXCLUDED ? "excluded" : project.className(label) || "none"),
        truth !== undefined && classes[truth] !== undefined && [h("dt", {}, "Truth"), h("dd", {}, classes[truth])])),
    clear && h("p", { class: "muted small" }, `To this run it is ${clear}.`),
    h("div", { class: "row" },
      h("button", { class: "primary", onclick: () => (close(), showNear()) }, "Show images near to it"),
      h("button", { onclick: () => {
        navigator.clipboard?.writeText(`${state?.dataset?.name ?? ""} ${index}`).then(() => notify("Copied"), () => {});
      } }, "Copy its number")),
  ]); // prettier-ignore
}
