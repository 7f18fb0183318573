// @ts-check
/**
 * The map's camera: where data coordinates fall on the screen. Pure functions on a small record,
 * in CSS pixels; y grows downwards on the screen and upwards in the data.
 *
 * @typedef {{x: number, y: number, scale: number, width: number, height: number}} Camera
 *   x, y: the data point in the middle of the view; scale: pixels per data unit.
 * @typedef {{left: number, bottom: number, right: number, top: number}} Bounds
 */

/** How far one may zoom in and out, as multiples of the scale at which everything fits. */
export const ZOOM_RANGE = Object.freeze([0.5, 400]);

/**
 * Give the smallest bounds that hold every point; unit bounds where there is none.
 * @param {Float32Array} positions x and y of each point, in turn
 * @returns {Bounds}
 */
export function boundsOf(positions) {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < positions.length; i += 2) {
    const x = positions[i];
    const y = positions[i + 1];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < bottom) bottom = y;
    if (y > top) top = y;
  }
  if (!(left <= right) || !(bottom <= top)) return { left: 0, bottom: 0, right: 1, top: 1 };
  return { left, bottom, right, top };
}

/**
 * Give the camera that shows all of the bounds with a margin.
 * @param {Bounds} bounds
 * @param {number} width
 * @param {number} height
 * @param {number} [margin] pixels left free on each side
 * @param {number} [right] pixels more on the right, where something lies over the map
 * @returns {Camera}
 */
export function fit(bounds, width, height, margin = 24, right = 0) {
  const across = Math.max(bounds.right - bounds.left, 1e-6);
  const up = Math.max(bounds.top - bounds.bottom, 1e-6);
  const scale = Math.min(
    Math.max(width - 2 * margin - right, 1) / across,
    Math.max(height - 2 * margin, 1) / up,
  );
  return {
    x: (bounds.left + bounds.right + right / scale) / 2,
    y: (bounds.bottom + bounds.top) / 2,
    scale,
    width,
    height,
  };
}

/**
 * @param {Camera} camera
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]} pixels from the view's top left corner
 */
export function toScreen(camera, x, y) {
  return [
    camera.width / 2 + (x - camera.x) * camera.scale,
    camera.height / 2 - (y - camera.y) * camera.scale,
  ];
}

/**
 * @param {Camera} camera
 * @param {number} px
 * @param {number} py
 * @returns {[number, number]} the data point under a pixel
 */
export function toData(camera, px, py) {
  return [
    camera.x + (px - camera.width / 2) / camera.scale,
    camera.y - (py - camera.height / 2) / camera.scale,
  ];
}

/**
 * Zoom by a factor so that the data point under the pixel stays under it.
 * @param {Camera} camera
 * @param {number} factor
 * @param {number} px
 * @param {number} py
 * @param {number} fitScale the scale at which everything fits
 * @returns {Camera}
 */
export function zoomAt(camera, factor, px, py, fitScale) {
  const [least, most] = ZOOM_RANGE;
  const scale = Math.min(Math.max(camera.scale * factor, fitScale * least), fitScale * most);
  const [x, y] = toData(camera, px, py);
  return {
    ...camera,
    scale,
    x: x - (px - camera.width / 2) / scale,
    y: y + (py - camera.height / 2) / scale,
  };
}

/**
 * Move the picture by a number of pixels; its middle never leaves the bounds.
 * @param {Camera} camera
 * @param {number} dx
 * @param {number} dy
 * @param {Bounds} bounds
 * @returns {Camera}
 */
export function pan(camera, dx, dy, bounds) {
  const x = camera.x - dx / camera.scale;
  const y = camera.y + dy / camera.scale;
  return {
    ...camera,
    x: Math.min(Math.max(x, bounds.left), bounds.right),
    y: Math.min(Math.max(y, bounds.bottom), bounds.top),
  };
}

/**
 * Give the data that the view covers.
 * @param {Camera} camera
 * @param {number} [margin] pixels more on each side
 * @returns {Bounds}
 */
export function visible(camera, margin = 0) {
  const halfWidth = (camera.width / 2 + margin) / camera.scale;
  const halfHeight = (camera.height / 2 + margin) / camera.scale;
  return {
    left: camera.x - halfWidth,
    right: camera.x + halfWidth,
    bottom: camera.y - halfHeight,
    top: camera.y + halfHeight,
  };
}
