// @ts-check
/** The sample on a plane: each image where it belongs, each centroid larger, to be dragged. */
import { boundsOf, fit, toData, toScreen } from "../../map/camera.js";
import { digit, paint } from "../../lib/digit.js";
import { h } from "../../lib/dom.js";
import { classColor, css } from "../../lib/palette.js";
import { themeColor } from "../../lib/theme.js";

/** Sides in pixels of an image and of a centroid, on a canvas of this width. */
const [POINT, CENTROID, WIDE] = [22, 52, 760];

/**
 * @param {{size: [number, number], theme: () => import("../../lib/palette.js").Theme,
 *   onMove: (centroid: number, x: number, y: number) => void, onChoose: (centroid: number) => void}} options
 */
export function planeView({ size: [height, width], theme, onMove, onChoose }) {
  const canvas = h("canvas", { class: "plane", tabindex: "0", role: "application", "data-testid": "plane",
    "aria-label": "The sample on a plane. Digits choose a centroid, arrow keys move it." }); // prettier-ignore
  /** @type {{places: [number, number][], pictures: Uint8Array[], labels: Uint8Array | null, centroids: [number, number][],
   *   faces: Uint8Array[], chosen: number}} */
  let scene = { places: [], pictures: [], labels: null, centroids: [], faces: [], chosen: 0 };
  /** @type {Map<string, HTMLCanvasElement>} painted pictures by image and colour */
  const painted = new Map();
  let camera = fit({ left: -1, right: 1, bottom: -1, top: 1 }, 1, 1);
  let pending = 0;
  const shrunk = () => Math.min(1, Math.max(0.45, canvas.clientWidth / WIDE));

  /** @param {number} i @param {number} label */
  function pictureOf(i, label) {
    const key = `${i} ${label} ${theme()}`;
    let made = painted.get(key);
    if (!made) {
      const ink = label < 0 ? themeColor("muted").rgb : classColor(label, theme());
      painted.set(key, (made = digit(scene.pictures[i], { width, height, ink })));
    }
    return made;
  }

  const faces = /** @type {HTMLCanvasElement[]} */ ([]);

  function draw() {
    pending = 0;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const { clientWidth, clientHeight } = canvas;
    if (!clientWidth) return;
    canvas.width = clientWidth * ratio;
    canvas.height = clientHeight * ratio;
    const bounds = boundsOf(Float32Array.from(scene.places.flat()));
    camera = fit(bounds, clientWidth, clientHeight, 34);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(ratio, ratio);
    const side = POINT * shrunk();
    scene.places.forEach(([x, y], i) => {
      const [px, py] = toScreen(camera, x, y);
      context.drawImage(pictureOf(i, scene.labels ? scene.labels[i] : -1), px - side / 2, py - side / 2, side, side);
    });
    scene.centroids.forEach(([x, y], c) => drawCentroid(context, c, ...toScreen(camera, x, y)));
  }

  /** @param {CanvasRenderingContext2D} context @param {number} c @param {number} px @param {number} py */
  function drawCentroid(context, c, px, py) {
    const side = CENTROID * shrunk();
    const half = side / 2;
    context.beginPath();
    context.roundRect(px - half, py - half, side, side, side / 5);
    context.fillStyle = themeColor("raised").css;
    context.fill();
    context.lineWidth = c === scene.chosen ? 4 : 2.5;
    context.strokeStyle = css(classColor(c, theme()));
    context.stroke();
    faces[c] ??= h("canvas", {});
    paint(faces[c], scene.faces[c], width, height, themeColor("ink").rgb);
    context.drawImage(faces[c], px - half + 4, py - half + 4, side - 8, side - 8);
  }

  const invalidate = () => (pending ||= requestAnimationFrame(draw));

  /** @param {PointerEvent} event @returns {[number, number]} */
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  let held = -1;
  canvas.addEventListener("pointerdown", (event) => {
    const [px, py] = at(event);
    let least = CENTROID;
    scene.centroids.forEach(([x, y], c) => {
      const [cx, cy] = toScreen(camera, x, y);
      const distance = Math.hypot(cx - px, cy - py);
      if (distance < least) [least, held] = [distance, c];
    });
    if (held < 0) return;
    canvas.setPointerCapture(event.pointerId);
    onChoose(held);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held >= 0) onMove(held, ...toData(camera, ...at(event)));
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (held = -1));
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-14, 0], ArrowRight: [14, 0], ArrowUp: [0, -14], ArrowDown: [0, 14] };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    const place = scene.centroids[scene.chosen];
    if (!step || !place || event.altKey) return;
    event.preventDefault();
    const [px, py] = toScreen(camera, ...place);
    onMove(scene.chosen, ...toData(camera, px + step[0], py + step[1]));
  });
  const observer = new ResizeObserver(invalidate);
  observer.observe(canvas);

  return {
    element: canvas,
    /** @param {Partial<typeof scene>} next */
    show(next) {
      if (next.pictures && next.pictures !== scene.pictures) painted.clear();
      scene = { ...scene, ...next };
      invalidate();
    },
    destroy: () => observer.disconnect(),
  };
}
