// @ts-check
/**
 * What server and pages say to each other, the pages' side; `explore/protocol.py` is the other.
 * Both are held to one file of test vectors. All numbers are little endian.
 *
 * @typedef {{message: string, hint: string}} ErrorInfo
 * @typedef {{id: string, name: string, n: number, n_train: number, height: number, width: number,
 *   classes: string[], licence: string}} DatasetInfo
 * @typedef {{id: number, name: string, preset: string | null, settings: Record<string, any>,
 *   n_clusters: number, seconds: number, created: string,
 *   scores: Record<string, number | null>}} RunInfo
 * @typedef {{id: number, name: string, method: string, seconds: number}} MapInfo
 * @typedef {{cluster: number, size: number, label: number | null, medoid: number | null,
 *   tightness: number | null, confidence: number | null, purity: number | null,
 *   truth: number | null, excluded: number}} ClusterInfo
 * @typedef {{labelled: number, by_hand: number, excluded: number, coverage: number,
 *   actions: number, per_class: number[]}} LabelCounts
 * @typedef {{depth: number, what: string}} History
 * @typedef {{id: number, kind: string, title: string, status: string, stage: string,
 *   message: string, step: number | null, of: number | null, inertia: number | null,
 *   seconds: number, seconds_left: number | null, error: ErrorInfo | null,
 *   result: Record<string, any> | null}} JobInfo
 * @typedef {{revision: number, status: string, project: {name: string, path: string},
 *   dataset: DatasetInfo | null, classes: string[], runs: RunInfo[], run: number | null,
 *   maps: MapInfo[], map: number | null, labels: LabelCounts, undo: History, redo: History,
 *   jobs: JobInfo[], error: ErrorInfo | null, version: number}} State
 * @typedef {{n: number, width: number, height: number, columns: number, rows: number,
 *   band_rows: number, bands: number}} Atlas
 * @typedef {{id: string, name: string, files: number, bytes: number, ready: boolean, n: number,
 *   n_train: number, classes: string[], sizes: [number, number, number][], blanks: number,
 *   duplicates: number, preview_side: number}} Upload
 */

export const VERSION = 1;
/** Labels that are no class. */
export const NO_LABEL = 255;
export const EXCLUDED = 254;
/** The cluster of an image that a run did not place. */
export const NO_CLUSTER = 65535;

/**
 * Say where a thumbnail lies in the bands of an atlas.
 * @param {Atlas} atlas
 * @param {number} index
 * @returns {{band: number, x: number, y: number}} pixels from the band's upper left corner
 */
export function placeOf(atlas, index) {
  const row = Math.floor(index / atlas.columns);
  const band = Math.floor(row / atlas.band_rows);
  return {
    band,
    x: (index % atlas.columns) * atlas.width,
    y: (row - band * atlas.band_rows) * atlas.height,
  };
}

/**
 * Cut a thumbnail out of its band.
 * @param {Atlas} atlas
 * @param {Uint8Array} band
 * @param {number} index
 * @returns {Uint8Array}
 */
export function cut(atlas, band, index) {
  const { x, y } = placeOf(atlas, index);
  const { width, height } = atlas;
  const stride = atlas.columns * width;
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * stride + x;
    pixels.set(band.subarray(from, from + width), row * width);
  }
  return pixels;
}

/** @param {string} text base64 @returns {Uint8Array} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * Cut an answer into images.
 * @param {Uint8Array} bytes
 * @param {number} size bytes an image
 * @returns {Uint8Array[]}
 */
export function imagesOf(bytes, size) {
  const count = Math.floor(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
