// @ts-check
/** Draws the map on a plain 2-D canvas, where WebGL2 is missing: the same points, less smooth. */

/** @typedef {import("./points.js").Scene} Scene */
/** @typedef {import("./points.js").Frame} Frame */

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {import("./points.js").Painter}
 */
export function canvasPainter(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Scene | null} */
  let scene = null;
  return {
    kind: "2d",
    update(next) {
      scene = next;
    },
    draw(frame) {
      if (!scene) return;
      const image = context.createImageData(canvas.width, canvas.height);
      const pixels = new Uint32Array(image.data.buffer);
      const { picture } = scene;
      if (!frame.digits.length || frame.digits.some((point) => !picture(point))) {
        for (const pass of scene.focused ? [1, 2] : [0]) stamp(pixels, canvas, scene, frame, pass);
      }
      for (const point of frame.digits) stampDigit(pixels, canvas, scene, frame, point);
      context.putImageData(image, 0, 0);
    },
    destroy() {},
  };
}

/** @param {Scene} scene @param {number} alpha 0 to 1 @returns {Uint32Array} ABGR words */
function words(scene, alpha) {
  const made = new Uint32Array(256);
  for (let c = 0; c < 256; c++) {
    const [r, g, b, a] = scene.palette.subarray(4 * c, 4 * c + 4);
    made[c] = ((Math.round(a * alpha) << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
  return made;
}

/**
 * Stamp a square a point: pass 0 all points, 1 those out of focus, 2 those in focus.
 * @param {Uint32Array} pixels @param {{width: number, height: number}} size
 * @param {Scene} scene @param {Frame} frame @param {number} pass
 */
function stamp(pixels, { width, height }, scene, frame, pass) {
  const { camera, ratio, step } = frame;
  const side = Math.max(1, Math.round(frame.pointSize * ratio));
  const scale = camera.scale * ratio;
  const left = width / 2 - camera.x * scale - side / 2;
  const top = height / 2 + camera.y * scale - side / 2;
  const colors = words(scene, pass === 1 ? 0.16 : 0.9);
  const { positions, flags } = scene;
  for (let i = 0; i < flags.length; i += step) {
    if (pass && ((flags[i] & 1) === 1) !== (pass === 2)) continue;
    const x = Math.round(left + positions[2 * i] * scale);
    const y = Math.round(top - positions[2 * i + 1] * scale);
    if (x < 0 || y < 0 || x + side > width || y + side > height) continue;
    const word = colors[scene.colors[i]];
    for (let row = y; row < y + side; row++) pixels.fill(word, row * width + x, row * width + x + side);
  }
}

/**
 * Stamp a point's picture, by nearest pixel: ink on paper.
 * @param {Uint32Array} pixels @param {{width: number, height: number}} size
 * @param {Scene} scene @param {Frame} frame @param {number} point
 */
function stampDigit(pixels, { width, height }, scene, frame, point) {
  const picture = scene.picture(point);
  if (!picture) return;
  const { camera, ratio, paper } = frame;
  const [rows, columns] = scene.pictureSize;
  const side = Math.round(frame.digitSize * ratio);
  const scale = camera.scale * ratio;
  const x0 = Math.round(width / 2 + (scene.positions[2 * point] - camera.x) * scale - side / 2);
  const y0 = Math.round(height / 2 - (scene.positions[2 * point + 1] - camera.y) * scale - side / 2);
  const color = scene.palette.subarray(4 * scene.colors[point], 4 * scene.colors[point] + 3);
  const weight = scene.focused && !(scene.flags[point] & 1) ? 0.25 : 1;
  for (let y = Math.max(0, -y0); y < Math.min(side, height - y0); y++) {
    const row = Math.floor((y * rows) / side) * columns;
    for (let x = Math.max(0, -x0); x < Math.min(side, width - x0); x++) {
      const ink = Math.min(1, picture[row + Math.floor((x * columns) / side)] / 204) * weight;
      const [r, g, b] = paper.map((part, at) => Math.round(part + (color[at] - part) * ink));
      pixels[(y0 + y) * width + x0 + x] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    }
  }
}
