// @ts-check
/** Painting a grey picture on a canvas as ink on whatever ground is behind it. */
import { h } from "./dom.js";

/** @typedef {[number, number, number]} Rgb */

/** @type {ImageData | null} */
let scratch = null;

/**
 * @param {HTMLCanvasElement} canvas takes the picture's size
 * @param {Uint8Array} pixels
 * @param {number} width
 * @param {number} height
 * @param {Rgb} ink
 */
export function paint(canvas, pixels, width, height, ink) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = contextOf(canvas);
  if (!scratch || scratch.width !== width || scratch.height !== height) {
    scratch = new ImageData(width, height);
  }
  const words = new Uint32Array(scratch.data.buffer);
  const color = (ink[2] << 16) | (ink[1] << 8) | ink[0];
  for (let i = 0; i < words.length; i++) words[i] = ((pixels[i] << 24) | color) >>> 0;
  context.putImageData(scratch, 0, 0);
}

/**
 * Many small canvases are quicker when they are kept out of the graphics card.
 * @param {HTMLCanvasElement} canvas
 */
function contextOf(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return /** @type {CanvasRenderingContext2D} */ (context);
}

/** @param {HTMLCanvasElement} canvas */
export function wipe(canvas) {
  contextOf(canvas).clearRect(0, 0, canvas.width, canvas.height);
}

/**
 * Make a canvas with a picture.
 * @param {Uint8Array | null} pixels
 * @param {{width: number, height: number, ink: Rgb, label?: string, class?: string}} how
 * @returns {HTMLCanvasElement}
 */
export function digit(pixels, { width, height, ink, label, class: name = "digit" }) {
  const canvas = h("canvas", { class: name, width, height });
  if (label) canvas.setAttribute("role", "img");
  if (label) canvas.setAttribute("aria-label", label);
  else canvas.setAttribute("aria-hidden", "true");
  if (pixels) paint(canvas, pixels, width, height, ink);
  return canvas;
}
