// @ts-check
/** A few images side by side, where a gallery would be too much. */
import { digit, paint } from "./digit.js";
import { h } from "./dom.js";
import { themeColor } from "./theme.js";

/**
 * Make a strip of thumbnails; those that are not here yet are painted when they come.
 * @param {import("./project.js").Project} project
 * @param {ArrayLike<number>} indices
 * @param {{label?: (index: number) => string, onclick?: (index: number) => void, class?: string}} [how]
 * @returns {HTMLElement}
 */
export function strip(project, indices, { label = (index) => `image ${index}`, onclick, class: name = "strip" } = {}) {
  const { images } = project.store.get();
  const ink = themeColor("ink").rgb;
  const { width, height } = images?.atlas ?? { width: 28, height: 28 };
  /** @type {[number, HTMLCanvasElement][]} */
  const missing = [];
  const element = h("div", { class: name }, Array.from(indices, (index) => {
    const pixels = images?.get(index) ?? null;
    const canvas = digit(pixels, { width, height, ink });
    if (!pixels) missing.push([index, canvas]);
    const tag = onclick ? "button" : "span";
    return h(tag, {
      class: "thumb", title: label(index), "aria-label": label(index), role: onclick ? null : "img",
      onclick: onclick ? () => onclick(index) : null, "data-index": String(index),
    }, canvas);
  })); // prettier-ignore
  if (missing.length && images) {
    const off = images.onLoad(() => {
      for (let at = missing.length - 1; at >= 0; at--) {
        const [index, canvas] = missing[at];
        const pixels = images.get(index);
        if (!pixels) continue;
        paint(canvas, pixels, width, height, ink);
        missing.splice(at, 1);
      }
      if (!missing.length || !element.isConnected) off();
    });
  }
  return element;
}

/**
 * A cluster's centroid as a picture.
 * @param {import("./project.js").Project} project @param {number} cluster @param {string} [name] class
 */
export function centroid(project, cluster, name = "digit large") {
  const { centroids, images } = project.store.get();
  const { width, height } = images?.dataset ?? { width: 28, height: 28 };
  const label = `Centroid of cluster ${cluster}`;
  return digit(centroids.get(cluster) ?? null, { width, height, ink: themeColor("ink").rgb, class: name, label });
}
