// @ts-check
/** Lloyd's algorithm in two half steps, on few images: written to be read. */

/**
 * @typedef {object} Sample
 * @property {Float32Array} rows n images of d grey levels, one after the other
 * @property {number} n
 * @property {number} d
 */

/** @param {Float32Array} a @param {number} from @param {Float32Array} b @param {number} at @param {number} d */
function squaredDistance(a, from, b, at, d) {
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const difference = a[from + j] - b[at + j];
    sum += difference * difference;
  }
  return sum;
}

/**
 * Give each image to its nearest centroid; of equal ones the first.
 * @param {Sample} sample
 * @param {Float32Array} centroids k rows of d
 * @returns {{labels: Uint8Array, inertia: number}} inertia: the sum of squared distances
 */
export function assign({ rows, n, d }, centroids) {
  const k = centroids.length / d;
  const labels = new Uint8Array(n);
  let inertia = 0;
  for (let i = 0; i < n; i++) {
    let least = Infinity;
    for (let c = 0; c < k; c++) {
      const distance = squaredDistance(rows, i * d, centroids, c * d, d);
      if (distance < least) {
        least = distance;
        labels[i] = c;
      }
    }
    inertia += least;
  }
  return { labels, inertia };
}

/**
 * Put each centroid at the mean of its images; one that has none stays where it is.
 * @param {Sample} sample
 * @param {Float32Array} centroids
 * @param {Uint8Array} labels
 * @returns {Float32Array}
 */
export function update({ rows, n, d }, centroids, labels) {
  const k = centroids.length / d;
  const sums = new Float64Array(k * d);
  const counts = new Uint32Array(k);
  for (let i = 0; i < n; i++) {
    counts[labels[i]]++;
    for (let j = 0; j < d; j++) sums[labels[i] * d + j] += rows[i * d + j];
  }
  return centroids.map((value, at) => {
    const count = counts[Math.floor(at / d)];
    return count ? sums[at] / count : value;
  });
}

/**
 * Give the inertia of given labels: the sum of squared distances to the own centroid.
 * @param {Sample} sample @param {Float32Array} centroids @param {Uint8Array} labels
 * @returns {number}
 */
export function inertiaOf({ rows, n, d }, centroids, labels) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += squaredDistance(rows, i * d, centroids, labels[i] * d, d);
  return sum;
}

/**
 * The two directions in which the sample is spread most, to look at it.
 * @typedef {{mean: Float32Array, first: Float32Array, second: Float32Array}} Plane
 */

/** @param {Float32Array} values mean, first and second axis @returns {Plane} */
export function planeOf(values) {
  const d = values.length / 3;
  return { mean: values.subarray(0, d), first: values.subarray(d, 2 * d), second: values.subarray(2 * d) };
}

/**
 * Give the place of an image on the plane.
 * @param {Plane} plane @param {Float32Array} rows @param {number} [from] where the image starts
 * @returns {[number, number]}
 */
export function project({ mean, first, second }, rows, from = 0) {
  let [x, y] = [0, 0];
  for (let j = 0; j < mean.length; j++) {
    const value = rows[from + j] - mean[j];
    x += value * first[j];
    y += value * second[j];
  }
  return [x, y];
}

/**
 * Give the image at a place of the plane: what a centroid becomes that is moved there.
 * @param {Plane} plane @param {number} x @param {number} y
 * @returns {Float32Array}
 */
export function imageAt({ mean, first, second }, x, y) {
  return mean.map((value, j) => Math.min(Math.max(value + x * first[j] + y * second[j], 0), 255));
}
