// @ts-check
/** The clusters as cards: centroid, medoid, size, tightness, name, and purity where it is known. */
import { digit, paint } from "../../lib/digit.js";
import { fill, h } from "../../lib/dom.js";
import { decimal, percent, whole } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { classColor, css } from "../../lib/palette.js";
import { themeColor } from "../../lib/theme.js";

/** @typedef {import("../../lib/protocol.js").ClusterInfo} ClusterInfo */

/**
 * @typedef {object} CardActions
 * @property {(cluster: number) => void} select
 * @property {(cluster: number) => void} more
 * @property {(source: number, target: number) => void} merge
 */

/**
 * @param {import("../../app.js").App} app
 * @param {import("../../lib/store.js").Store<import("./selection.js").Look>} look
 * @param {CardActions} actions
 */
export function clusterCards(app, look, actions) {
  const { project } = app;
  const list = h("ul", { class: "cards", "aria-label": "Clusters" });
  const sum = h("p", { class: "pane-note", "aria-live": "polite" });
  const element = h("section", { class: "pane clusters-pane", "aria-label": "Clusters" },
    h("div", { class: "pane-head" }, h("h2", {}, "Clusters"), sum), list); // prettier-ignore

  /** @type {Map<number, HTMLElement>} */
  let cards = new Map();

  function render() {
    const { clusters, state } = project.store.get();
    const focused = document.activeElement?.closest("[data-cluster]");
    const focus = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.cluster : null;
    cards = new Map(clusters.map((info) => [info.cluster, card(app, info, actions)]));
    fill(list, [...cards.values()]);
    if (focus) list.querySelector(`[data-cluster="${focus}"] .card-main`)?.dispatchEvent(new Event("refocus"));
    const named = clusters.filter(({ label }) => label !== null).length;
    sum.textContent = `${named} of ${clusters.length} named`;
    sum.title = `${percent(state?.labels.coverage ?? 0)} of images have a label`;
    mark();
  }

  function mark() {
    const { filter } = look.get();
    for (const [cluster, element] of cards) {
      const on = filter.kind === "cluster" && filter.cluster === cluster;
      element.classList.toggle("selected", on);
      element.querySelector(".card-main")?.setAttribute("aria-pressed", String(on));
    }
  }

  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...list.querySelectorAll(".card-main")];
    const at = all.indexOf(/** @type {Element} */ (document.activeElement));
    if (!step || at < 0) return;
    event.preventDefault();
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (next instanceof HTMLElement) next.focus();
  });

  /** Paint medoids whose thumbnails came after the cards. */
  function paintMedoids() {
    const { images, clusters } = project.store.get();
    for (const { cluster, medoid } of clusters) {
      const canvas = cards.get(cluster)?.querySelector(".medoid.missing");
      const pixels = medoid === null ? null : images?.get(medoid);
      if (!images || !pixels || !(canvas instanceof HTMLCanvasElement)) continue;
      paint(canvas, pixels, images.atlas.width, images.atlas.height, themeColor("ink").rgb);
      canvas.classList.remove("missing");
    }
  }
  let forget = () => {};
  function follow() {
    forget();
    forget = project.store.get().images?.onLoad(paintMedoids) ?? (() => {});
  }

  const ends = [
    project.store.on(["clusters", "theme", "state"], render),
    project.store.on(["images"], follow),
    look.on(["filter"], mark),
  ];
  render();
  follow();
  return { element, destroy: () => [...ends, forget].forEach((end) => end()) };
}

/**
 * @param {import("../../app.js").App} app @param {ClusterInfo} info @param {CardActions} actions
 */
function card({ project }, info, actions) {
  const { centroids, images, theme } = project.store.get();
  const { cluster, size, label, medoid } = info;
  const ink = themeColor("ink").rgb;
  const { height, width } = images?.dataset ?? { height: 28, width: 28 };
  const name = project.className(label);
  const medoidPixels = medoid === null ? null : (images?.get(medoid) ?? null);
  const thumb = images?.atlas ?? { width, height };
  const title = name ? `Cluster ${cluster}, named ${name}` : `Cluster ${cluster}, not named`;
  const main = h("button", {
    class: "card-main", "aria-pressed": "false", "aria-label": `${title}, ${whole(size)} images`,
    onclick: (/** @type {Event} */ event) => (event.stopPropagation(), actions.select(cluster)),
  },
    h("span", { class: "card-pictures" },
      digit(centroids.get(cluster) ?? null, { width, height, ink, class: "digit centroid" }),
      digit(medoidPixels, { width: thumb.width, height: thumb.height, ink, class: `digit medoid${medoidPixels ? "" : " missing"}` })),
    h("span", { class: name ? "card-name" : "card-name none" }, name || "?")); // prettier-ignore
  main.addEventListener("refocus", () => main.focus());
  const element = h("li", {
    class: "card", "data-testid": "cluster-card", "data-cluster": String(cluster),
    "data-size": String(size), "data-label": name || null, draggable: true,
    onclick: () => actions.select(cluster),
  },
    main,
    h("div", { class: "card-facts" },
      h("span", { class: "card-size" }, whole(size)),
      h("span", { class: "muted" }, facts(info, project)),
      h("button", {
        class: "icon-button small", "aria-label": `Cluster ${cluster}: name, split, merge`, title: "Name, split, merge",
        onclick: (/** @type {Event} */ event) => (event.stopPropagation(), actions.more(cluster)),
      }, icon("more"))),
    meter(info)); // prettier-ignore
  element.style.setProperty("--tone", css(classColor(cluster, theme)));
  makeDraggable(element, cluster, actions);
  return element;
}

/** @param {ClusterInfo} info @param {import("../../lib/project.js").Project} project */
function facts(info, project) {
  if (info.purity === null || info.truth === null) return `#${info.cluster}`;
  const truth = project.state?.dataset?.classes[info.truth] ?? info.truth;
  return `${percent(info.purity, 0)} are ${truth}`;
}

/** @param {ClusterInfo} info */
function meter(info) {
  const { tightness, confidence } = info;
  if (tightness === null) return null;
  const bar = h("span", { class: "card-meter", role: "img" });
  const text = `tightness ${decimal(tightness, 2)} (below 1 is tighter than usual), mean confidence ${decimal(confidence, 2)}`;
  bar.setAttribute("aria-label", text);
  bar.title = text;
  const fillBar = bar.appendChild(h("i", {}));
  fillBar.style.width = `${Math.round(Math.min(1, Math.max(0.04, 1.6 - tightness)) * 100)}%`;
  return bar;
}

/** @param {HTMLElement} element @param {number} cluster @param {CardActions} actions */
function makeDraggable(element, cluster, actions) {
  element.addEventListener("dragstart", (event) => {
    event.dataTransfer?.setData("text/x-cluster", String(cluster));
    element.classList.add("dragged");
  });
  element.addEventListener("dragend", () => element.classList.remove("dragged"));
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("text/x-cluster")) return;
    event.preventDefault();
    element.classList.add("target");
  });
  element.addEventListener("dragleave", () => element.classList.remove("target"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("target");
    const source = Number(event.dataTransfer?.getData("text/x-cluster") || NaN);
    if (Number.isInteger(source) && source !== cluster) actions.merge(source, cluster);
  });
}
