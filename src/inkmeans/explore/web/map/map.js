// @ts-check
/**
 * The map of all images: points that become digits when one zooms in. It knows nothing of pages,
 * server or store: data go in by methods, what the user does comes out by callbacks.
 */
import { boundsOf, fit, pan, toData, toScreen, visible, zoomAt } from "./camera.js";
import { SLOTS } from "./atlas.js";
import { listen } from "./gestures.js";
import { modeOf, simplify } from "./lasso.js";
import { drawOverlay } from "./overlay.js";
import { buildGrid, inBox, inPolygon, nearest } from "./picking.js";
import { webglPainter } from "./points.js";
import { canvasPainter } from "./points_2d.js";

/** @typedef {import("./points.js").Scene} Scene */
/** @typedef {import("./overlay.js").Sign} Sign */

/** From this size on, in pixels, points are drawn as digits. */
const LEAST_DIGIT = 15;
const MOST_DIGIT = 84;
/** A map of more points than the first draws about as many as the second while it moves. */
const [MANY, DRAWN_MOVING] = [150_000, 60_000];
const REST_MS = 140;
const PICK_RADIUS = 9;
/** Pixels around a map that is shown whole. */
const MARGIN = 24;

/**
 * @typedef {object} MapEvents
 * @property {(point: number, px: number, py: number) => void} [onHover] -1: none
 * @property {(point: number, event: {shiftKey: boolean, altKey: boolean}) => void} [onPick]
 * @property {(bits: Uint8Array, mode: "replace" | "add" | "remove") => void} [onSelect]
 * @property {() => void} [onView] after the camera has moved
 */

export class DigitMap {
  /**
   * @param {HTMLElement} element an empty element; the map fills it
   * @param {MapEvents} [events]
   * @param {{draw?: string | null, right?: number}} [options] draw: "webgl2" or "2d", whatever is
   *   quicker here; right: pixels of the right edge that something lies over
   */
  constructor(element, events = {}, options = {}) {
    this.element = element;
    this.events = events;
    this.canvas = element.appendChild(document.createElement("canvas"));
    this.cover = element.appendChild(document.createElement("canvas"));
    let painter = options.draw === "2d" ? null : webglPainter(this.canvas, options.draw === "webgl2");
    if (!painter) {
      const plain = document.createElement("canvas"); // the other may have had a context of WebGL
      this.canvas.replaceWith(plain);
      this.canvas = plain;
      painter = canvasPainter(plain);
    }
    this.painter = painter;
    for (const canvas of [this.canvas, this.cover]) canvas.setAttribute("aria-hidden", "true");
    /** @type {Scene} */
    this.scene = {
      positions: new Float32Array(0),
      colors: new Uint8Array(0),
      palette: new Uint8Array(1024).fill(255),
      flags: new Uint8Array(0),
      focused: false,
      picture: () => null,
      pictureSize: [28, 28],
    };
    /** @type {import("./overlay.js").Marks} */
    this.marks = { lasso: [], mode: "replace", rings: [], ringSize: 9, signs: [] };
    this.theme = { ink: "#000", paper: "#fff", accent: "#00f", font: "sans-serif" };
    /** @type {[number, number, number]} */
    this.paper = [255, 255, 255];
    this.tool = /** @type {"lasso" | "pan"} */ ("lasso");
    this.grid = buildGrid(this.scene.positions);
    this.bounds = boundsOf(this.scene.positions);
    this.right = options.right ?? 0;
    this.camera = this.#fitted(1, 1);
    this.fitScale = this.camera.scale;
    this.changed = new Set(["positions", "colors", "flags", "palette", "picture"]);
    this.pending = 0;
    this.ratio = 1;
    /** @type {[number, number] | null} where the pointer is, while it is over the map */
    this.pointer = null;
    this.movedAt = -Infinity;
    this.frames = 0;
    this.stopListening = listen(element, () => this.tool, this.#meanings());
    this.canvas.addEventListener("painter-restored", () => this.invalidate());
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(element);
    this.#resize();
  }

  /** How the map is drawn: "webgl2", or "2d" where that is missing or slower. */
  get kind() {
    return this.painter.kind;
  }

  /** Whether points are digits at this zoom. */
  get showsDigits() {
    return this.digitSize >= LEAST_DIGIT;
  }

  /** Side of a digit at this zoom, in pixels; it follows from the mean room that a point has. */
  get digitSize() {
    const n = Math.max(this.scene.positions.length >> 1, 1);
    const { left, right, bottom, top } = this.bounds;
    const room = Math.sqrt(((right - left) * (top - bottom)) / n);
    return Math.min(room * 1.15 * this.camera.scale, MOST_DIGIT);
  }

  /** @param {Float32Array} positions x and y of each point, in turn */
  setPositions(positions) {
    const n = positions.length >> 1;
    this.scene = { ...this.scene, positions };
    if (this.scene.colors.length !== n) {
      this.scene.colors = new Uint8Array(n);
      this.scene.flags = new Uint8Array(n);
    }
    this.grid = buildGrid(positions);
    this.bounds = boundsOf(positions);
    for (const name of ["positions", "colors", "flags"]) this.changed.add(name);
    this.fit();
  }

  /** @param {Uint8Array} colors each point's place in the palette @param {Uint8Array} palette */
  setColors(colors, palette) {
    this.scene = { ...this.scene, colors, palette };
    this.changed.add("colors").add("palette");
    this.invalidate();
  }

  /**
   * Put some points in focus, or all of them (null).
   * @param {Uint8Array | null} bits
   */
  setFocus(bits) {
    const flags = new Uint8Array(this.scene.positions.length >> 1);
    if (bits) for (let i = 0; i < flags.length; i++) flags[i] = (bits[i >> 3] >> (i & 7)) & 1;
    this.scene = { ...this.scene, flags, focused: bits !== null };
    this.changed.add("flags");
    this.invalidate();
  }

  /**
   * Say where pictures of points come from.
   * @param {[number, number]} size height and width
   * @param {(point: number) => Uint8Array | null} picture
   */
  setPictures(size, picture) {
    this.scene = { ...this.scene, picture, pictureSize: size };
    this.changed.add("picture");
    this.invalidate();
  }

  /** @param {Sign[]} signs the clusters' names, shown while points are not digits */
  setSigns(signs) {
    this.signs = signs;
    this.invalidate();
  }

  /** @param {number[]} points put rings around these */
  setRings(points) {
    const { positions } = this.scene;
    this.ringed = points;
    this.marks.rings = points
      .filter((point) => point >= 0 && 2 * point < positions.length)
      .map((point) => ({ x: positions[2 * point], y: positions[2 * point + 1] }));
    this.#drawCover();
  }

  /**
   * @param {{ink: string, paper: string, accent: string, font: string}} theme
   * @param {[number, number, number]} paper
   */
  setTheme(theme, paper) {
    this.theme = theme;
    this.paper = paper;
    this.invalidate();
  }

  /** Show all points. */
  fit() {
    const { width, height } = this.camera;
    this.camera = this.#fitted(width, height);
    this.fitScale = this.camera.scale;
    this.#moved();
  }

  /** @param {number} factor @param {number} [px] @param {number} [py] */
  zoom(factor, px = this.camera.width / 2, py = this.camera.height / 2) {
    this.camera = zoomAt(this.camera, factor, px, py, this.fitScale);
    this.#moved();
  }

  /** @param {number} dx @param {number} dy pixels */
  pan(dx, dy) {
    this.camera = pan(this.camera, dx, dy, this.bounds);
    this.#moved();
  }

  /** Bring a point to the middle. @param {number} point */
  center(point) {
    const { positions } = this.scene;
    this.camera = { ...this.camera, x: positions[2 * point], y: positions[2 * point + 1] };
    this.#moved();
  }

  /** Select all that is in view: what the lasso does, by keyboard. */
  selectView() {
    const { left, right, bottom, top } = visible(this.camera);
    const box = new Float32Array([left, bottom, right, bottom, right, top, left, top]);
    this.events.onSelect?.(inPolygon(this.grid, box), "replace");
  }

  /** Draw again soon; many calls make one frame. */
  invalidate() {
    if (!this.pending) this.pending = requestAnimationFrame(() => this.draw());
  }

  /** Draw now. */
  draw() {
    if (this.pending) cancelAnimationFrame(this.pending);
    this.pending = 0;
    if (this.camera.width < 2) return;
    if (this.changed.size) this.painter.update(this.scene, this.changed);
    this.changed.clear();
    const n = this.scene.positions.length >> 1;
    const moving = performance.now() - this.movedAt < REST_MS;
    const digitSize = this.digitSize;
    const digits = this.showsDigits
      ? (inBox(this.grid, visible(this.camera, digitSize), SLOTS) ?? [])
      : [];
    const zoom = this.camera.scale / this.fitScale;
    this.painter.draw({
      camera: this.camera,
      ratio: this.ratio,
      pointSize: Math.min(2 + 1.1 * Math.log2(Math.max(1, zoom)) + (n < 8000 ? 2.5 : 0), 9),
      alpha: n > 200_000 ? 0.55 : 0.8,
      step: moving && n > MANY ? Math.ceil(n / DRAWN_MOVING) : 1,
      digits,
      digitSize,
      paper: this.paper,
    });
    this.#drawCover(digits.length > 0);
    this.frames++;
    if (moving && n > MANY) {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.invalidate(), REST_MS);
    }
  }

  destroy() {
    this.stopListening();
    this.observer.disconnect();
    clearTimeout(this.resting);
    if (this.pending) cancelAnimationFrame(this.pending);
    this.painter.destroy();
    this.element.replaceChildren();
  }

  #moved() {
    this.movedAt = performance.now();
    this.events.onView?.();
    if (this.pointer) this.events.onHover?.(this.#pointAt(...this.pointer), ...this.pointer);
    this.invalidate();
  }

  /** @param {number} width @param {number} height */
  #fitted(width, height) {
    return fit(this.bounds, width, height, MARGIN, this.right);
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    if (width < 2 || height < 2) return;
    const atFit = Math.abs(this.camera.scale / this.fitScale - 1) < 0.01;
    for (const canvas of [this.canvas, this.cover]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    const fitted = this.#fitted(width, height);
    this.fitScale = fitted.scale;
    this.camera = atFit || this.camera.width < 2 ? fitted : { ...this.camera, width, height };
    this.draw(); // at once: a canvas that was resized is empty
  }

  /** @param {boolean} [digits] */
  #drawCover(digits = this.showsDigits) {
    this.marks.ringSize = digits ? this.digitSize / 2 : 9;
    this.marks.signs = digits ? [] : (this.signs ?? []);
    drawOverlay(this.cover, this.camera, this.ratio, this.marks, this.theme);
  }

  /** @param {number} px @param {number} py */
  #pointAt(px, py) {
    const radius = Math.max(PICK_RADIUS, this.showsDigits ? this.digitSize / 2 : 0);
    return nearest(this.grid, ...toData(this.camera, px, py), radius / this.camera.scale);
  }

  /** @returns {import("./gestures.js").Meanings} */
  #meanings() {
    return {
      hover: (px, py) => {
        this.pointer = [px, py];
        this.events.onHover?.(this.#pointAt(px, py), px, py);
      },
      leave: () => {
        this.pointer = null;
        this.events.onHover?.(-1, 0, 0);
      },
      pick: (px, py, event) => this.events.onPick?.(this.#pointAt(px, py), event),
      pan: (dx, dy) => this.pan(dx, dy),
      zoom: (factor, px, py) => this.zoom(factor, px, py),
      lassoing: (path, event) => {
        this.marks.lasso = path;
        this.marks.mode = modeOf(event);
        this.#drawCover();
      },
      lassoed: (path, event) => {
        this.marks.lasso = [];
        this.#drawCover();
        if (path.length < 6) return;
        const corners = simplify(path);
        for (let i = 0; i < corners.length; i += 2) {
          const place = toData(this.camera, corners[i], corners[i + 1]);
          corners.set(place, i);
        }
        this.events.onSelect?.(inPolygon(this.grid, corners), modeOf(event));
      },
    };
  }

  /** Where a point is on the screen, for tests and cards beside it. @param {number} point */
  screenOf(point) {
    const { positions } = this.scene;
    return toScreen(this.camera, positions[2 * point], positions[2 * point + 1]);
  }
}
