// @ts-check
/** The image under the pointer, its cluster and the next one, and how clear it is between them. */
import { paint, wipe } from "../../lib/digit.js";
import { h, say } from "../../lib/dom.js";
import { NO_CLUSTER } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";

/** @param {import("../../lib/project.js").Project} project */
export function hoverCard(project) {
  const canvases = Array.from({ length: 3 }, () => h("canvas", { width: 28, height: 28 }));
  const captions = Array.from({ length: 3 }, () => h("span", {}));
  const clear = h("p", {});
  const element = h("div", { class: "hover-card", hidden: true, "aria-hidden": "true", "data-testid": "hover-card" },
    h("div", { class: "hover-pictures" }, canvases.map((canvas, at) =>
      h("figure", { class: at ? "near" : "own" }, canvas, h("figcaption", {}, captions[at])))), clear); // prettier-ignore
  let ink = themeColor("ink").rgb;
  const end = project.store.on(["theme"], () => (ink = themeColor("ink").rgb));

  /** @param {number} at @param {number} cluster @param {string} text */
  function centroid(at, cluster, text) {
    const { centroids, images } = project.store.get();
    const picture = centroids.get(cluster);
    if (picture && images) paint(canvases[at], picture, images.dataset.width, images.dataset.height, ink);
    else wipe(canvases[at]);
    say(captions[at], text);
  }

  return {
    element,
    /** @param {number} index @param {number} px @param {number} py @param {{width: number, height: number}} room */
    show(index, px, py, room) {
      const { images, fields, clusters } = project.store.get();
      element.hidden = index < 0 || !images;
      if (index < 0 || !images) return;
      const pixels = images.get(index);
      const { width, height } = images.atlas;
      if (pixels) paint(canvases[0], pixels, width, height, ink);
      else wipe(canvases[0]);
      element.dataset.index = String(index);
      const own = fields.cluster?.[index] ?? NO_CLUSTER;
      const second = fields.second?.[index] ?? NO_CLUSTER;
      const nameOf = (/** @type {number} */ cluster) =>
        project.className(clusters.find((info) => info.cluster === cluster)?.label) || `#${cluster}`;
      say(captions[0], `no. ${index}`);
      centroid(1, own, own === NO_CLUSTER ? "–" : `in ${nameOf(own)}`);
      centroid(2, second, second === NO_CLUSTER ? "–" : `next ${nameOf(second)}`);
      say(clear, project.clarity(index));
      // Beside the pointer, on the side where there is room.
      const [wide, high] = [236, 140];
      const x = px + 18 + wide > room.width ? px - wide - 14 : px + 18;
      const y = Math.min(Math.max(py - high / 2, 6), room.height - high - 6);
      element.style.transform = `translate(${Math.max(4, x)}px, ${y}px)`;
    },
    destroy: end,
  };
}
