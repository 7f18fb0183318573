// @ts-check
/** Explore: clusters, map and gallery, three views of the same images. */
import { countBits } from "../../lib/bitset.js";
import { fill } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { bind } from "../../lib/keyboard.js";
import { guarded, notify } from "../../lib/notice.js";
import { NO_LABEL } from "../../lib/protocol.js";
import { createStore } from "../../lib/store.js";
import { clusterCards } from "./cards.js";
import { clusterDialog, imageDialog, mergeDialog } from "./dialogs.js";
import { galleryPane } from "./gallery_pane.js";
import { COLORS, mapPane } from "./map_pane.js";
import { targetOf } from "./selection.js";

/** @typedef {import("./selection.js").Look} Look */

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, app) {
  const { project } = app;
  const { shown } = project.store.get();
  /** @type {import("../../lib/store.js").Store<Look>} */
  const look = createStore(/** @type {Look} */ ({
    filter: shown ? { kind: "bits", ...shown } : { kind: "all" },
    sort: "typical", near: null, picked: new Set(), hovered: -1, colorBy: "cluster", tool: "lasso",
  })); // prettier-ignore
  if (shown) project.store.set({ shown: null });

  const size = () => project.store.get().images?.dataset.n ?? 0;
  const acts = actions(project, look, size);
  const cards = clusterCards(app, look, {
    select: acts.select,
    more: (cluster) => clusterDialog(project, cluster, {
      name: (label) => acts.nameCluster(cluster, label),
      split: (parts) => acts.split(cluster, parts),
      merge: () => mergeDialog(project, cluster, (target) => acts.merge(cluster, target)),
      exclude: () => acts.excludeCluster(cluster),
    }),
    merge: acts.merge,
  }); // prettier-ignore
  const map = mapPane(app, look);
  const gallery = galleryPane(app, look, {
    label: acts.label, exclude: acts.exclude, unlabel: () => acts.label(NO_LABEL), open: openImage,
  }); // prettier-ignore
  fill(root, cards.element, map.element, gallery.element);

  /** @param {number} index */
  function openImage(index) {
    imageDialog(project, index, () => look.set({ near: index, sort: "near", filter: { kind: "all" }, picked: new Set() }));
  }

  const unbind = bind([
    ...digitKeys(acts.label),
    { keys: ["x"], text: "Exclude what is chosen", run: acts.exclude },
    { keys: ["delete", "backspace"], shown: "Delete", text: "Take the label away", run: () => acts.label(NO_LABEL) },
    { keys: ["s"], text: "Split the chosen cluster", run: () => acts.withCluster((cluster) => acts.split(cluster, 2)) },
    { keys: ["m"], text: "Merge the chosen cluster into another", run: () => acts.withCluster((cluster) =>
      mergeDialog(project, cluster, (target) => acts.merge(cluster, target))) },
    { keys: ["n"], text: "Images near to the picked one", run: () => {
      const [index] = look.get().picked;
      if (index === undefined) notify("Pick an image first");
      else look.set({ near: index, sort: "near", filter: { kind: "all" }, picked: new Set() });
    } },
    { keys: ["escape"], shown: "Esc", text: "Show all again", run: () =>
      look.set(look.get().picked.size ? { picked: new Set() } : { filter: { kind: "all" } }) },
    { keys: ["l"], text: "Lasso", run: () => look.set({ tool: "lasso" }) },
    { keys: ["h"], text: "Move the map", run: () => look.set({ tool: "pan" }) },
    { keys: ["f"], text: "Show the whole map", run: () => map.map.fit() },
    { keys: ["+", "="], shown: "+", text: "Zoom in", run: () => map.map.zoom(1.6) },
    { keys: ["-"], text: "Zoom out", run: () => map.map.zoom(1 / 1.6) },
    { keys: ["v"], text: "Select what is in view", run: () => map.map.selectView() },
    { keys: ["c"], text: "Colour by the next field", run: () => {
      const names = Object.keys(COLORS);
      look.set({ colorBy: names[(names.indexOf(look.get().colorBy) + 1) % names.length] });
    } },
  ]); // prettier-ignore

  // A run that was merged, split or replaced may have lost the cluster that is looked at.
  const off = project.store.on(["clusters"], ({ clusters }) => {
    const { filter } = look.get();
    if (filter.kind === "cluster" && !clusters.some(({ cluster }) => cluster === filter.cluster)) {
      look.set({ filter: { kind: "all" } });
    }
  });
  const need = () => project.fieldsOf("cluster", "label", "distance", "confidence");
  const again = project.store.on(["clustersRun"], () => guarded(need));

  async function ready() {
    await need();
    await null; // the store tells its readers in between
    map.map.draw();
    // For the hover card and the colours; the page can be used before they are here.
    project.fieldsOf("second", "truth").catch(() => {});
  }

  return {
    ready: ready(),
    unmount() {
      unbind();
      off();
      again();
      cards.destroy();
      map.destroy();
      gallery.destroy();
    },
  };
}

/** @param {(label: number) => void} label @returns {import("../../lib/keyboard.js").Binding[]} */
function digitKeys(label) {
  return Array.from({ length: 10 }, (_, digit) => ({
    keys: [String(digit)],
    shown: "0 – 9",
    text: digit === 0 ? "Name the chosen cluster, or label the chosen images" : "",
    run: () => label(digit),
  }));
}

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {import("../../lib/store.js").Store<Look>} look
 * @param {() => number} size
 */
function actions(project, look, size) {
  const undoable = { action: { text: "Undo", run: () => guarded(() => project.undo()) } };

  /** @param {number} cluster @param {number} label */
  async function nameCluster(cluster, label) {
    const name = project.className(label);
    if (!name && label !== NO_LABEL) return notify(`There is no class ${label}`, { kind: "wrong" });
    const done = await guarded(() => project.labelCluster(cluster, label));
    if (!done) return;
    const changed = plural(done.action.changed, "image");
    notify(name ? `Cluster ${cluster} is ${name} · ${changed}` : `Cluster ${cluster} has no name now`, undoable);
  }

  /** @param {number} label */
  async function label(label) {
    const target = targetOf(look.get(), size());
    if (!target) return notify("Choose a cluster or images first");
    if (target.kind === "cluster") return nameCluster(target.cluster, label);
    const name = project.className(label);
    if (!name && label !== NO_LABEL) return notify(`There is no class ${label}`, { kind: "wrong" });
    const done = await guarded(() => project.labelImages(target.bits, label));
    if (done) notify(`${plural(countBits(target.bits), "image")}: ${name || "no label"}`, undoable);
  }

  async function exclude() {
    const target = targetOf(look.get(), size());
    if (!target) return notify("Choose a cluster or images first");
    if (target.kind === "cluster") return excludeCluster(target.cluster);
    const done = await guarded(() => project.excludeImages(target.bits, true));
    if (done) notify(`Excluded ${plural(done.action.changed, "image")}`, undoable);
  }

  /** @param {number} cluster */
  async function excludeCluster(cluster) {
    const done = await guarded(() => project.excludeCluster(cluster, true));
    if (done) notify(`Excluded ${plural(done.action.changed, "image")}`, undoable);
  }

  return {
    nameCluster,
    label,
    exclude,
    excludeCluster,
    /** @param {number} cluster */
    select(cluster) {
      const { filter } = look.get();
      const again = filter.kind === "cluster" && filter.cluster === cluster;
      look.set({ filter: again ? { kind: "all" } : { kind: "cluster", cluster }, picked: new Set() });
    },
    /** @param {(cluster: number) => void} run */
    withCluster(run) {
      const { filter } = look.get();
      if (filter.kind === "cluster") run(filter.cluster);
      else notify("Choose a cluster first");
    },
    /** @param {number} cluster @param {number} parts */
    async split(cluster, parts) {
      const done = await guarded(() => project.split(cluster, parts));
      if (done) notify(`Split cluster ${cluster} into ${plural(done.parts.length, "part")}`, undoable);
    },
    /** @param {number} source @param {number} target */
    async merge(source, target) {
      const done = await guarded(() => project.merge(source, target));
      if (!done) return;
      look.set({ filter: { kind: "cluster", cluster: target }, picked: new Set() });
      notify(`Merged cluster ${source} into ${target}`, undoable);
    },
  };
}
