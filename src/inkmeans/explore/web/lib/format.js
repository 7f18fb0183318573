// @ts-check
/** Numbers and times as people read them. */

/**
 * Not by Intl: to load its tables takes longer than all else that a page does before it is shown.
 * @param {number} value @returns {string} 70000 -> 70,000
 */
export function whole(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {number} count @param {string} one @param {string} [many] @returns {string} */
export function plural(count, one, many = `${one}s`) {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/**
 * @param {number | null | undefined} share 0 to 1
 * @param {number} [digits]
 * @returns {string} 0.934 -> 93.4 %; a rest is never rounded to all or to nothing
 */
export function percent(share, digits = 1) {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const factor = 10 ** digits;
  let value = Math.round(share * 100 * factor) / factor;
  if (share < 1 && value >= 100) value = 100 - 1 / factor;
  if (share > 0 && value <= 0) return `< ${(1 / factor).toFixed(digits)} %`;
  return `${value.toFixed(digits)} %`;
}

/** Confidence below which an image is torn between two clusters, and from which on it is surely in one. */
const [TORN, SURE] = [0.2, 0.6];

/**
 * Say how clearly an image is in its own cluster rather than in the next one.
 * @param {number | null | undefined} confidence of any run: 0 (between two clusters) to 1
 * @param {string} own @param {string} second their names
 * @returns {string} "" where it is not known
 */
export function verdict(confidence, own, second) {
  if (confidence === null || confidence === undefined || !Number.isFinite(confidence)) return "";
  if (confidence < TORN) return `torn between ${own} and ${second}`;
  return confidence < SURE ? `${own} rather than ${second}` : `surely ${own}`;
}

/** @param {number | null | undefined} value @param {number} [digits] @returns {string} */
export function decimal(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 10 ** -digits)) return value.toExponential(2);
  return size >= 1000 ? whole(value) : value.toFixed(digits);
}

/** @param {number | null | undefined} seconds @returns {string} 75 -> 1 min 15 s */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param {number} bytes @returns {string} */
export function bytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, size] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  return `${(bytes / size).toFixed(bytes / size < 10 ? 1 : 0)} ${unit}`;
}
