// @ts-check
/** What is looked at on the Explore page, in which order, and what a key would label. */
import { bitsOf, emptyBits, membersOf, setBit } from "../../lib/bitset.js";

/**
 * @typedef {{kind: "all"} | {kind: "cluster", cluster: number} | {kind: "bits", bits: Uint8Array, title: string}} Filter
 * @typedef {"typical" | "borderline" | "outlier" | "index" | "near"} Sort
 *
 * @typedef {object} Look
 * @property {Filter} filter
 * @property {Sort} sort
 * @property {number | null} near the image that others are near to
 * @property {Set<number>} picked
 * @property {number} hovered -1: none
 * @property {string} colorBy
 * @property {"lasso" | "pan"} tool
 */

/** @type {Record<Sort, string>} */
export const SORTS = {
  typical: "Typical first",
  borderline: "Borderline first",
  outlier: "Outliers first",
  index: "In their order",
  near: "Near to the chosen",
};

/**
 * Give the images that a filter lets through as a bitset; null for all of them.
 * @param {Filter} filter
 * @param {ArrayLike<number>} clusters the cluster of each image
 * @returns {Uint8Array | null}
 */
export function bitsOfFilter(filter, clusters) {
  if (filter.kind === "all") return null;
  if (filter.kind === "bits") return filter.bits;
  const bits = emptyBits(clusters.length);
  for (let i = 0; i < clusters.length; i++) if (clusters[i] === filter.cluster) setBit(bits, i);
  return bits;
}

/**
 * Put images in order.
 * @param {Uint8Array | null} bits null: all
 * @param {number} n
 * @param {Exclude<Sort, "near">} by
 * @param {{distance: ArrayLike<number>, confidence: ArrayLike<number>}} fields
 * @returns {Uint32Array}
 */
export function orderOf(bits, n, by, { distance, confidence }) {
  const members = bits ? membersOf(bits) : Uint32Array.from({ length: n }, (_, i) => i);
  if (by === "index") return members;
  const keys = by === "borderline" ? confidence : distance;
  return sortedBy(members, keys, by === "outlier");
}

/** Members that are sorted by insertion. */
const FEW = 24;

/**
 * Sort by a number each, in time that grows with n alone: the upper 16 bits of the key as a
 * float find the bucket, a small sort does the rest.
 * @param {Uint32Array} members @param {ArrayLike<number>} keys @param {boolean} descending
 * @returns {Uint32Array}
 */
function sortedBy(members, keys, descending) {
  const n = members.length;
  let [low, high] = [Infinity, -Infinity];
  for (const i of members) {
    if (keys[i] < low) low = keys[i];
    if (keys[i] > high) high = keys[i];
  }
  if (!(high > low)) return members;
  const buckets = Math.max(1, n >> 2);
  const scale = (buckets - 1) / (high - low);
  const bucketOf = (/** @type {number} */ i) => {
    const key = Number.isFinite(keys[i]) ? keys[i] : high;
    return descending ? Math.floor((high - key) * scale) : Math.floor((key - low) * scale);
  };
  const starts = new Uint32Array(buckets + 1);
  for (const i of members) starts[bucketOf(i) + 1]++;
  for (let b = 0; b < buckets; b++) starts[b + 1] += starts[b];
  const sorted = new Uint32Array(n);
  const next = starts.slice();
  for (const i of members) sorted[next[bucketOf(i)]++] = i;
  const sign = descending ? -1 : 1;
  const compare = (/** @type {number} */ p, /** @type {number} */ q) =>
    sign * (keys[p] - keys[q]) || p - q;
  for (let b = 0; b < buckets; b++) {
    const bucket = sorted.subarray(starts[b], starts[b + 1]);
    if (bucket.length > FEW) bucket.sort(compare);
    else insert(bucket, compare);
  }
  return sorted;
}

/**
 * Sort a few by insertion: a call of the browser's own sort takes longer than that.
 * @param {Uint32Array} few @param {(p: number, q: number) => number} compare
 */
function insert(few, compare) {
  for (let end = 1; end < few.length; end++) {
    const member = few[end];
    let at = end;
    for (; at > 0 && compare(few[at - 1], member) > 0; at--) few[at] = few[at - 1];
    few[at] = member;
  }
}

/**
 * Say what a key would label: picked images before a lasso's, a lasso's before a cluster.
 * @param {Look} look
 * @param {number} n
 * @returns {{kind: "images", bits: Uint8Array} | {kind: "cluster", cluster: number} | null}
 */
export function targetOf(look, n) {
  if (look.picked.size) return { kind: "images", bits: bitsOf(n, look.picked) };
  if (look.filter.kind === "bits") return { kind: "images", bits: look.filter.bits };
  if (look.filter.kind === "cluster") return { kind: "cluster", cluster: look.filter.cluster };
  return null;
}

/**
 * Give a place on the map for each cluster's sign: the median of its points, from a sample.
 * @param {ArrayLike<number>} clusters @param {Float32Array} points
 * @returns {Map<number, [number, number]>}
 */
export function signPlaces(clusters, points) {
  /** @type {Map<number, {xs: number[], ys: number[]}>} */
  const samples = new Map();
  const step = Math.max(1, Math.floor(clusters.length / 8_000));
  for (let i = 0; i < clusters.length; i += step) {
    let sample = samples.get(clusters[i]);
    if (!sample) samples.set(clusters[i], (sample = { xs: [], ys: [] }));
    sample.xs.push(points[2 * i]);
    sample.ys.push(points[2 * i + 1]);
  }
  const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
  return new Map([...samples].map(([cluster, { xs, ys }]) => [cluster, [median(xs), median(ys)]]));
}
