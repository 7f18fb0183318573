// @ts-check
/** A dialog to draw a centroid by hand. */
import { openDialog } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { Pad, SENT_SIDE } from "../../lib/pad.js";
import { themeColor } from "../../lib/theme.js";

/**
 * @param {number} number @param {[number, number]} size height and width of the image
 * @param {(image: Float32Array) => void} take
 */
export function drawDialog(number, [height, width], take) {
  const canvas = h("canvas", { class: "pad", tabindex: "0", role: "application", "aria-label": "Drawing area. Arrow keys draw." });
  const pad = new Pad(canvas, { ink: () => themeColor("ink").css, changed: () => {} });
  return openDialog(`Draw centroid ${number}`, (close) => [
    h("p", { class: "muted" }, "Any start is allowed: a digit, a line, a blot."),
    canvas,
    h("div", { class: "row" },
      h("button", { class: "primary", onclick: () => {
        if (!pad.isEmpty) take(shrink(pad.pixels(), height, width));
        close();
      } }, "Use it"),
      h("button", { onclick: () => pad.clear() }, "Clear")),
  ]); // prettier-ignore
}

/**
 * Shrink the drawing to an image by means of blocks.
 * @param {Uint8Array} pixels @param {number} height @param {number} width
 */
function shrink(pixels, height, width) {
  const image = new Float32Array(height * width);
  const counts = new Float32Array(height * width);
  for (let y = 0; y < SENT_SIDE; y++) {
    for (let x = 0; x < SENT_SIDE; x++) {
      const at = Math.floor((y * height) / SENT_SIDE) * width + Math.floor((x * width) / SENT_SIDE);
      image[at] += pixels[y * SENT_SIDE + x];
      counts[at]++;
    }
  }
  return image.map((sum, at) => (counts[at] ? sum / counts[at] : 0));
}
