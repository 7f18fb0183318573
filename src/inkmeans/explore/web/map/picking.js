// @ts-check
/**
 * Which points are here? A grid of equal cells over the map, built once a map by counting sort:
 * nearest point, points in a box and points in a polygon look at few cells rather than all points.
 */
import { boundsOf } from "./camera.js";
import { setBit } from "../lib/bitset.js";

/** @typedef {import("./camera.js").Bounds} Bounds */

/**
 * @typedef {object} Grid
 * @property {Float32Array} positions x and y of each point, in turn
 * @property {Bounds} bounds
 * @property {number} columns
 * @property {number} rows
 * @property {number} cell side of a cell in data units
 * @property {Uint32Array} starts where each cell's points start in `order`; one more than cells
 * @property {Uint32Array} order the points, cell by cell
 */

const POINTS_PER_CELL = 12;
const MOST_CELLS_A_SIDE = 1024;

/**
 * Sort points into cells. Time and memory grow with n; 500,000 points take about 20 ms.
 * @param {Float32Array} positions
 * @returns {Grid}
 */
export function buildGrid(positions) {
  const n = positions.length >> 1;
  const bounds = boundsOf(positions);
  const across = Math.max(bounds.right - bounds.left, 1e-6);
  const up = Math.max(bounds.top - bounds.bottom, 1e-6);
  const cell = Math.max(
    Math.sqrt((across * up * POINTS_PER_CELL) / Math.max(n, 1)),
    Math.max(across, up) / MOST_CELLS_A_SIDE,
  );
  const columns = Math.floor(across / cell) + 1;
  const rows = Math.floor(up / cell) + 1;
  const starts = new Uint32Array(columns * rows + 1);
  const homes = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const column = Math.floor((positions[2 * i] - bounds.left) / cell);
    const row = Math.floor((positions[2 * i + 1] - bounds.bottom) / cell);
    homes[i] = Math.min(row, rows - 1) * columns + Math.min(column, columns - 1);
    starts[homes[i] + 1]++;
  }
  for (let c = 0; c < columns * rows; c++) starts[c + 1] += starts[c];
  const order = new Uint32Array(n);
  const next = starts.slice();
  for (let i = 0; i < n; i++) order[next[homes[i]]++] = i;
  return { positions, bounds, columns, rows, cell, starts, order };
}

/**
 * Give the cells that a box touches: first and last column, first and last row.
 * @param {Grid} grid
 * @param {Bounds} box
 * @returns {[number, number, number, number]}
 */
function cellsOf(grid, box) {
  const clamp = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.min(Math.max(Math.floor(value / grid.cell), 0), most);
  return [
    clamp(box.left - grid.bounds.left, grid.columns - 1),
    clamp(box.right - grid.bounds.left, grid.columns - 1),
    clamp(box.bottom - grid.bounds.bottom, grid.rows - 1),
    clamp(box.top - grid.bounds.bottom, grid.rows - 1),
  ];
}

/**
 * Give the point nearest to a place, or -1 where none is within the radius.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 * @param {number} radius in data units
 * @param {(point: number) => boolean} [accepts] which points count; all without it
 * @returns {number}
 */
export function nearest(grid, x, y, radius, accepts) {
  const box = { left: x - radius, right: x + radius, bottom: y - radius, top: y + radius };
  const [left, right, bottom, top] = cellsOf(grid, box);
  const { positions, starts, order, columns } = grid;
  let best = -1;
  let least = radius * radius;
  for (let row = bottom; row <= top; row++) {
    for (let at = starts[row * columns + left]; at < starts[row * columns + right + 1]; at++) {
      const i = order[at];
      const dx = positions[2 * i] - x;
      const dy = positions[2 * i + 1] - y;
      const distance = dx * dx + dy * dy;
      if (distance <= least && (!accepts || accepts(i))) {
        least = distance;
        best = i;
      }
    }
  }
  return best;
}

/**
 * Give the points in a box, at most `most` of them; null where there are more.
 * @param {Grid} grid
 * @param {Bounds} box
 * @param {number} [most]
 * @returns {number[] | null}
 */
export function inBox(grid, box, most = Infinity) {
  const [left, right, bottom, top] = cellsOf(grid, box);
  const { positions, starts, order, columns } = grid;
  const found = [];
  for (let row = bottom; row <= top; row++) {
    for (let at = starts[row * columns + left]; at < starts[row * columns + right + 1]; at++) {
      const i = order[at];
      const x = positions[2 * i];
      const y = positions[2 * i + 1];
      if (x < box.left || x > box.right || y < box.bottom || y > box.top) continue;
      if (found.length >= most) return null;
      found.push(i);
    }
  }
  return found;
}

/**
 * Say whether a point lies in a polygon, by the crossings of a ray to the right.
 * @param {Float32Array} polygon x and y of each vertex, in turn; closed by itself
 * @param {number} x
 * @param {number} y
 * @returns {boolean}
 */
export function isInside(polygon, x, y) {
  let inside = false;
  let j = polygon.length - 2;
  for (let i = 0; i < polygon.length; i += 2) {
    const yi = polygon[i + 1];
    const yj = polygon[j + 1];
    if (yi > y !== yj > y) {
      const crossing = polygon[i] + ((y - yi) / (yj - yi)) * (polygon[j] - polygon[i]);
      if (x < crossing) inside = !inside;
    }
    j = i;
  }
  return inside;
}

/**
 * Mark the cells that the polygon's border runs through, in steps of less than half a cell; a
 * neighbour of such a step is marked too, so that no corner is cut.
 * @param {Grid} grid
 * @param {Float32Array} polygon
 * @returns {Uint8Array}
 */
function borderCells(grid, polygon) {
  const { bounds, cell, columns, rows } = grid;
  const marked = new Uint8Array(columns * rows);
  let j = polygon.length - 2;
  for (let i = 0; i < polygon.length; j = i, i += 2) {
    const dx = polygon[i] - polygon[j];
    const dy = polygon[i + 1] - polygon[j + 1];
    const steps = Math.ceil((2 * Math.max(Math.abs(dx), Math.abs(dy))) / cell) + 1;
    for (let s = 0; s <= steps; s++) {
      const column = Math.floor((polygon[j] + (dx * s) / steps - bounds.left) / cell);
      const row = Math.floor((polygon[j + 1] + (dy * s) / steps - bounds.bottom) / cell);
      for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, rows - 1); r++) {
        for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, columns - 1); c++) {
          marked[r * columns + c] = 1;
        }
      }
    }
  }
  return marked;
}

/**
 * Give the points in a polygon as a bitset. A cell that the border does not touch is wholly in or
 * out, so only points near the border are looked at one by one.
 * @param {Grid} grid
 * @param {Float32Array} polygon x and y of each vertex, in turn
 * @returns {Uint8Array} one bit a point, lowest bit first
 */
export function inPolygon(grid, polygon) {
  const { positions, starts, order, columns, cell, bounds } = grid;
  const found = new Uint8Array(((positions.length >> 1) + 7) >> 3);
  if (polygon.length < 6) return found;
  const marked = borderCells(grid, polygon);
  const [left, right, bottom, top] = cellsOf(grid, boundsOf(polygon));
  for (let row = bottom; row <= top; row++) {
    const middle = bounds.bottom + (row + 0.5) * cell;
    for (let column = left; column <= right; column++) {
      const home = row * columns + column;
      const end = starts[home + 1];
      if (starts[home] === end) continue;
      if (marked[home]) {
        for (let at = starts[home]; at < end; at++) {
          const i = order[at];
          if (isInside(polygon, positions[2 * i], positions[2 * i + 1])) setBit(found, i);
        }
      } else if (isInside(polygon, bounds.left + (column + 0.5) * cell, middle)) {
        for (let at = starts[home]; at < end; at++) setBit(found, order[at]);
      }
    }
  }
  return found;
}
