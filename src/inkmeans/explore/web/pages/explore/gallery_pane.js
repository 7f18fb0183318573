// @ts-check
/** The images that are looked at, and the bar that labels them. */
import { countBits } from "../../lib/bitset.js";
import { fill, h, say } from "../../lib/dom.js";
import { plural, whole } from "../../lib/format.js";
import { Gallery } from "../../lib/gallery.js";
import { complain } from "../../lib/notice.js";
import { classColor, css } from "../../lib/palette.js";
import { EXCLUDED, NO_CLUSTER } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";
import { bitsOfFilter, orderOf, SORTS, targetOf } from "./selection.js";

/** @typedef {import("./selection.js").Look} Look */

/**
 * @typedef {object} GalleryActions
 * @property {(label: number) => void} label
 * @property {() => void} exclude
 * @property {() => void} unlabel
 * @property {(index: number) => void} open
 */

/**
 * @param {import("../../app.js").App} app
 * @param {import("../../lib/store.js").Store<Look>} look
 * @param {GalleryActions} actions
 */
export function galleryPane({ project }, look, actions) {
  const title = h("h2", {}, "Images");
  const note = h("p", { class: "pane-note", "aria-live": "polite" });
  const sort = h("select", { "aria-label": "Order", "data-testid": "sort" });
  const clear = h("button", { class: "quiet", hidden: true, onclick: () =>
    look.set({ filter: { kind: "all" }, picked: new Set() }) }, "Show all"); // prettier-ignore
  const grid = h("div", { "data-testid": "gallery" });
  const empty = h("p", { class: "empty", hidden: true }, "No image is left in this selection.");
  const bar = labelBar(project, actions);
  const element = h("section", { class: "pane gallery-pane", "aria-label": "Images" },
    h("div", { class: "pane-head" }, title, note, clear),
    h("div", { class: "pane-head second" }, h("label", { class: "inline" }, h("span", {}, "Order"), sort)),
    h("div", { class: "gallery-frame" }, grid, empty), bar.element); // prettier-ignore

  const gallery = new Gallery(grid, {
    label: "Images", size: 44, look: lookOf,
    onHover: (index) => index !== look.get().hovered && look.set({ hovered: index }),
    onPick: (picked) => look.set({ picked: new Set(picked) }),
    onOpen: actions.open,
  }); // prettier-ignore

  /** @param {number} index @returns {import("../../lib/gallery.js").Look} */
  function lookOf(index) {
    const { fields, theme } = project.store.get();
    const cluster = fields.cluster?.[index] ?? NO_CLUSTER;
    const label = fields.label?.[index] ?? 255;
    const name = project.className(label);
    const state = label === EXCLUDED ? "excluded" : name ? `labelled ${name}` : "no label";
    return {
      label: `image ${index}, cluster ${cluster === NO_CLUSTER ? "none" : cluster}, ${state}`,
      badge: name,
      color: cluster === NO_CLUSTER ? "transparent" : css(classColor(cluster, theme)),
      excluded: label === EXCLUDED,
    };
  }

  sort.addEventListener("change", () => look.set({ sort: /** @type {any} */ (sort.value) }));

  function renderSorts() {
    const { near, sort: chosen } = look.get();
    const names = Object.entries(SORTS).filter(([name]) => name !== "near" || near !== null);
    fill(sort, names.map(([value, text]) =>
      h("option", { value }, value === "near" ? `Near to no. ${near}` : text))); // prettier-ignore
    sort.value = chosen;
  }

  let turn = 0;
  let clusterField = project.store.get().fields.cluster;
  async function reorder() {
    const mine = ++turn;
    const { filter, sort: by, near } = look.get();
    const { fields, images } = project.store.get();
    const { cluster, distance, confidence } = fields;
    if (!images || !cluster || !distance || !confidence) return;
    clusterField = cluster;
    try {
      const bits = bitsOfFilter(filter, cluster);
      const items = by === "near" && near !== null
        ? await project.near(near, bits)
        : orderOf(bits, images.dataset.n, by === "near" ? "typical" : by, {
            distance: /** @type {Float32Array} */ (distance),
            confidence: /** @type {Float32Array} */ (confidence),
          }); // prettier-ignore
      if (mine !== turn) return;
      gallery.setItems(items);
      empty.hidden = items.length > 0;
      element.dataset.count = String(items.length);
    } catch (error) {
      complain(error);
    }
  }

  function describe() {
    const { filter, picked } = look.get();
    const { clusters, images } = project.store.get();
    clear.hidden = filter.kind === "all" && !picked.size;
    let count = images?.dataset.n ?? 0;
    let name = "Images";
    if (filter.kind === "cluster") {
      const info = clusters.find(({ cluster }) => cluster === filter.cluster);
      count = info?.size ?? 0;
      name = `Cluster ${filter.cluster}`;
    } else if (filter.kind === "bits") {
      count = countBits(filter.bits);
      name = filter.title;
    }
    say(title, name);
    say(note, picked.size ? `${whole(count)} · ${whole(picked.size)} picked` : whole(count));
    bar.describe(targetOf(look.get(), images?.dataset.n ?? 0), clusters);
  }

  function paint() {
    const { images } = project.store.get();
    if (images) gallery.setImages(images, themeColor("ink").rgb);
  }

  const ends = [
    look.on(["filter", "sort", "near"], () => (renderSorts(), reorder())),
    look.on(["filter", "picked"], describe),
    look.on(["picked"], ({ picked }) => gallery.setPicked(picked)),
    project.store.on(["images", "theme"], paint),
    project.store.on(["fields"], ({ fields }) => {
      gallery.refresh();
      // Other labels leave the order as it is; other clusters or distances do not.
      if (fields.cluster !== clusterField || !gallery.items.length) reorder();
    }),
    project.store.on(["clusters", "state"], () => (describe(), bar.render())),
  ];
  renderSorts();
  paint();
  describe();
  reorder();
  return {
    element,
    destroy() {
      ends.forEach((end) => end());
      gallery.destroy();
    },
  };
}

/** @param {import("../../lib/project.js").Project} project @param {GalleryActions} actions */
function labelBar(project, actions) {
  const what = h("p", { class: "label-what", "aria-live": "polite" });
  const keys = h("div", { class: "label-keys", role: "toolbar", "aria-label": "Label as" });
  const element = h("div", { class: "label-bar" }, what, keys);
  let on = false;

  function render() {
    const names = project.classes;
    fill(keys, names.slice(0, 20).map((name, label) =>
      h("button", { class: "key", disabled: !on, "aria-label": `Label as ${name}`, onclick: () => actions.label(label) }, name)),
      h("button", { class: "key wide", disabled: !on, title: "Exclude (X)", onclick: actions.exclude }, "exclude"),
      h("button", { class: "key wide", disabled: !on, title: "Take the label away (Delete)", onclick: actions.unlabel }, "no label")); // prettier-ignore
  }
  render();
  return {
    element,
    render,
    /** @param {ReturnType<typeof targetOf>} target @param {import("../../lib/protocol.js").ClusterInfo[]} clusters */
    describe(target, clusters) {
      on = target !== null;
      for (const button of keys.querySelectorAll("button")) button.disabled = !on;
      if (!target) say(what, "Choose a cluster, lasso the map or pick images, then press 0–9");
      else if (target.kind === "images") say(what, `Label ${plural(countBits(target.bits), "image")} as`);
      else {
        const info = clusters.find(({ cluster }) => cluster === target.cluster);
        say(what, `Name cluster ${target.cluster} (${plural(info?.size ?? 0, "image")})`);
      }
    },
  };
}
