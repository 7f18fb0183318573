// @ts-check
/** What lies over the points: the lasso, the ring around a point, and the clusters' names. */
import { toScreen } from "./camera.js";

/** Side of a sign in pixels; where there are many, they would hide the points. */
const SIGN = 30;
const SMALL_SIGN = 20;
const MANY = 24;

/**
 * @typedef {object} Sign
 * @property {number} x
 * @property {number} y
 * @property {string} text
 * @property {HTMLCanvasElement | null} picture shown where there is no text
 * @property {string} color
 *
 * @typedef {object} Marks
 * @property {number[]} lasso pixels, x and y in turn
 * @property {"replace" | "add" | "remove"} mode
 * @property {{x: number, y: number}[]} rings data coordinates
 * @property {number} ringSize radius in pixels
 * @property {Sign[]} signs
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./camera.js").Camera} camera
 * @param {number} ratio
 * @param {Marks} marks
 * @param {{ink: string, paper: string, accent: string, font: string}} theme
 */
export function drawOverlay(canvas, camera, ratio, marks, theme) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, camera.width, camera.height);
  const side = marks.signs.length > MANY ? SMALL_SIGN : SIGN;
  const places = spread(marks.signs.map(({ x, y }) => toScreen(camera, x, y)), side + 4);
  marks.signs.forEach((sign, at) => drawSign(context, camera, sign, places[at], side, theme));
  for (const ring of marks.rings) {
    const [x, y] = toScreen(camera, ring.x, ring.y);
    context.beginPath();
    context.arc(x, y, marks.ringSize, 0, 2 * Math.PI);
    context.lineWidth = 4;
    context.strokeStyle = theme.paper;
    context.stroke();
    context.lineWidth = 2;
    context.strokeStyle = theme.ink;
    context.stroke();
  }
  if (marks.lasso.length >= 4) drawLasso(context, marks, theme);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Marks} marks
 * @param {{ink: string, accent: string}} theme
 */
function drawLasso(context, { lasso, mode }, theme) {
  context.beginPath();
  context.moveTo(lasso[0], lasso[1]);
  for (let i = 2; i < lasso.length; i += 2) context.lineTo(lasso[i], lasso[i + 1]);
  context.closePath();
  context.globalAlpha = 0.12;
  context.fillStyle = mode === "remove" ? theme.ink : theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.setLineDash(mode === "remove" ? [2, 4] : [6, 4]);
  context.strokeStyle = mode === "remove" ? theme.ink : theme.accent;
  context.stroke();
  context.setLineDash([]);
}

/**
 * Push signs apart that would cover each other, a little at a time.
 * @param {[number, number][]} places pixels
 * @param {number} room least distance between two
 * @returns {[number, number][]}
 */
export function spread(places, room) {
  const moved = places.map(([x, y]) => /** @type {[number, number]} */ ([x, y]));
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < moved.length; i++) {
      for (let j = i + 1; j < moved.length; j++) {
        const dx = moved[j][0] - moved[i][0];
        const dy = moved[j][1] - moved[i][1];
        const overlap = room - Math.max(Math.abs(dx), Math.abs(dy));
        if (overlap <= 0) continue;
        const along = Math.abs(dx) > Math.abs(dy) ? 0 : 1;
        const push = ((along ? dy : dx) < 0 ? -overlap : overlap) / 2;
        moved[i][along] -= push;
        moved[j][along] += push;
      }
    }
  }
  return moved;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./camera.js").Camera} camera
 * @param {Sign} sign
 * @param {[number, number]} place pixels
 * @param {number} side pixels
 * @param {{ink: string, paper: string, font: string}} theme
 */
function drawSign(context, camera, sign, [x, y], side, theme) {
  if (x < -side || y < -side || x > camera.width + side || y > camera.height + side) return;
  context.font = `600 ${side / 2}px ${theme.font}`;
  const width = sign.text ? Math.max(side, context.measureText(sign.text).width + side / 2) : side;
  context.beginPath();
  context.roundRect(x - width / 2, y - side / 2, width, side, side / 4);
  context.globalAlpha = 0.92;
  context.fillStyle = theme.paper;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeStyle = sign.color;
  context.stroke();
  if (sign.text) {
    context.fillStyle = theme.ink;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(sign.text, x, y + 1);
  } else if (sign.picture) {
    context.drawImage(sign.picture, x - 0.4 * side, y - 0.4 * side, 0.8 * side, 0.8 * side);
  }
}
