// @ts-check
/**
 * Colours of data. Ten classes that people with and without all colour cones can tell apart: the
 * least distance of two in CIELAB is above 20 for normal sight, protanopia and deuteranopia. A
 * scale from blue to yellow, of even steps in lightness, is for numbers. No colour is the only
 * sign of anything.
 */

/** @typedef {[number, number, number]} Rgb */
/** @typedef {"light" | "dark"} Theme */

const CLASSES = {
  light: [
    "#302fb1", "#96414e", "#436700", "#1193ee", "#470026",
    "#a39d50", "#2ba392", "#b39c00", "#61136c", "#558ab2",
  ],
  dark: [
    "#6470e0", "#c4625f", "#35d866", "#8cf3ff", "#ad3f76",
    "#8d8800", "#00a5b2", "#fdf3b0", "#cf9bff", "#b5b8a8",
  ],
}; // prettier-ignore
const SCALE = ["#00306f", "#3b496c", "#6b6d77", "#9a9067", "#cfb64d", "#ffe945"]; // as cividis
const FAINT = { light: "#c3c7d1", dark: "#4a4f5d" };
const STRONG = { light: "#b84a00", dark: "#ff9a57" };

/** The palette's place for what has no value: no label, no cluster, truth not known. */
export const NONE = 255;
/** Colours of a class scheme before it repeats. */
export const CLASS_COUNT = CLASSES.light.length;

/** @param {string} hex @returns {Rgb} */
export function rgb(hex) {
  return /** @type {Rgb} */ ([1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
}

/** @param {Rgb} color @returns {string} */
export function css(color) {
  return `rgb(${color.map(Math.round).join(" ")})`;
}

/** @param {Rgb} a @param {Rgb} b @param {number} share of b @returns {Rgb} */
export function mix(a, b, share) {
  return /** @type {Rgb} */ (a.map((part, at) => part + (b[at] - part) * share));
}

/**
 * Give the colour of a class or cluster; beyond ten, the same hues lighter, then darker.
 * @param {number} number
 * @param {Theme} theme
 * @returns {Rgb}
 */
export function classColor(number, theme) {
  const color = rgb(CLASSES[theme][number % CLASS_COUNT]);
  const round = Math.floor(number / CLASS_COUNT) % 4;
  const toward = /** @type {Rgb} */ (round % 2 ? [255, 255, 255] : [0, 0, 0]);
  return round ? mix(color, toward, round < 2 ? 0.38 : 0.3) : color;
}

/** @param {number} share 0 to 1 @param {Theme} theme @returns {Rgb} */
export function scaleColor(share, theme) {
  // The dark end is lifted from a dark ground, the light end lowered from a light one.
  const from = theme === "dark" ? 0.22 : 0;
  const to = theme === "dark" ? 1 : 0.88;
  const at = (from + Math.min(Math.max(share, 0), 1) * (to - from)) * (SCALE.length - 1);
  const low = Math.min(Math.floor(at), SCALE.length - 2);
  return mix(rgb(SCALE[low]), rgb(SCALE[low + 1]), at - low);
}

/** Give the colours of what is nothing special, and of what is. @param {Theme} theme @returns {[Rgb, Rgb]} */
export function contrastColors(theme) {
  return [rgb(FAINT[theme]), rgb(STRONG[theme])];
}

/**
 * Give the 256 colours that points may have.
 * @param {"classes" | "scale" | "contrast"} kind
 * @param {Theme} theme
 * @returns {Uint8Array} RGBA
 */
export function paletteOf(kind, theme) {
  const colors = new Uint8Array(1024);
  for (let i = 0; i < 255; i++) {
    const color =
      kind === "classes" ? classColor(i, theme)
      : kind === "scale" ? scaleColor(i / 254, theme)
      : mix(rgb(FAINT[theme]), rgb(STRONG[theme]), Math.sqrt(i / 254)); // prettier-ignore
    colors.set([...color.map(Math.round), 255], 4 * i);
  }
  colors.set([...rgb(FAINT[theme]), 255], 4 * NONE);
  return colors;
}

/**
 * Give each point its place in a palette of classes.
 * @param {ArrayLike<number>} values class or cluster numbers
 * @param {number} none numbers from this one on stand for no value
 * @returns {Uint8Array}
 */
export function classIndices(values, none) {
  const indices = new Uint8Array(values.length);
  const cycle = CLASS_COUNT * 4;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = values[i] >= none ? NONE : values[i] % cycle;
  }
  return indices;
}

/** @param {ArrayLike<number>} values 0 to 1 @returns {Uint8Array} */
export function scaleIndices(values) {
  const indices = new Uint8Array(values.length);
  for (let i = 0; i < indices.length; i++) {
    const value = values[i];
    indices[i] = Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) * 254 : NONE;
  }
  return indices;
}
