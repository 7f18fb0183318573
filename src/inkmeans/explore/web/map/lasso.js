// @ts-check
/** The lasso: a freehand line, brought down to few vertices so that asking what it holds is quick. */

/** The most vertices that a lasso keeps. */
export const MOST_VERTICES = 128;

/**
 * Take vertices away, the one that spans the smallest triangle with its neighbours first
 * (Visvalingam and Whyatt, 1993), until `most` are left. A long drag has about a thousand, so the
 * plain search for the smallest is quick enough.
 * @param {ArrayLike<number>} path x and y of each vertex, in turn
 * @param {number} [most]
 * @returns {Float32Array}
 */
export function simplify(path, most = MOST_VERTICES) {
  const n = path.length >> 1;
  if (n <= most) return Float32Array.from(path);
  const before = Int32Array.from({ length: n }, (_, i) => (i + n - 1) % n);
  const after = Int32Array.from({ length: n }, (_, i) => (i + 1) % n);
  const area = (/** @type {number} */ i) => {
    const [a, b] = [before[i], after[i]];
    return Math.abs(
      (path[2 * i] - path[2 * a]) * (path[2 * b + 1] - path[2 * a + 1]) -
        (path[2 * b] - path[2 * a]) * (path[2 * i + 1] - path[2 * a + 1]),
    );
  };
  const areas = Float64Array.from({ length: n }, (_, i) => area(i));
  const gone = new Uint8Array(n);
  for (let left = n; left > most; left--) {
    let least = -1;
    for (let i = 0; i < n; i++) if (!gone[i] && (least < 0 || areas[i] < areas[least])) least = i;
    gone[least] = 1;
    after[before[least]] = after[least];
    before[after[least]] = before[least];
    areas[before[least]] = area(before[least]);
    areas[after[least]] = area(after[least]);
  }
  const kept = new Float32Array(2 * most);
  for (let i = 0, at = 0; i < n; i++) {
    if (gone[i]) continue;
    kept[at++] = path[2 * i];
    kept[at++] = path[2 * i + 1];
  }
  return kept;
}

/**
 * What a lasso does to the selection that is there: Shift adds, Alt removes.
 * @param {{shiftKey: boolean, altKey: boolean}} event
 * @returns {"replace" | "add" | "remove"}
 */
export function modeOf(event) {
  if (event.altKey) return "remove";
  return event.shiftKey ? "add" : "replace";
}
