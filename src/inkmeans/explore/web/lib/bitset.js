// @ts-check
/** Sets of points as bits, lowest bit of each byte first: how selections travel. */

/** @param {number} n @returns {Uint8Array} */
export function emptyBits(n) {
  return new Uint8Array((n + 7) >> 3);
}

/** @param {Uint8Array} bits @param {number} i */
export function setBit(bits, i) {
  bits[i >> 3] |= 1 << (i & 7);
}

/** @param {Uint8Array} bits @param {number} i */
export function clearBit(bits, i) {
  bits[i >> 3] &= ~(1 << (i & 7));
}

/** @param {Uint8Array} bits @param {number} i @returns {boolean} */
export function hasBit(bits, i) {
  return ((bits[i >> 3] >> (i & 7)) & 1) === 1;
}

/**
 * @param {number} n how many points there are
 * @param {Iterable<number>} members
 * @returns {Uint8Array}
 */
export function bitsOf(n, members) {
  const bits = emptyBits(n);
  for (const i of members) setBit(bits, i);
  return bits;
}

/** @param {Uint8Array} bits @returns {Uint32Array} the members, in order */
export function membersOf(bits) {
  const members = new Uint32Array(countBits(bits));
  let at = 0;
  for (let byte = 0; byte < bits.length; byte++) {
    for (let rest = bits[byte], i = byte << 3; rest; rest >>= 1, i++) {
      if (rest & 1) members[at++] = i;
    }
  }
  return members;
}

/** @param {Uint8Array} bits @returns {number} */
export function countBits(bits) {
  let count = 0;
  for (let rest of bits) for (; rest; rest &= rest - 1) count++;
  return count;
}

/**
 * Join a selection with another: "replace", "add" or "remove".
 * @param {Uint8Array | null} before
 * @param {Uint8Array} next
 * @param {"replace" | "add" | "remove"} how
 * @returns {Uint8Array}
 */
export function combine(before, next, how) {
  if (how === "replace" || !before) return how === "remove" ? new Uint8Array(next.length) : next;
  return next.map((byte, at) => (how === "add" ? before[at] | byte : before[at] & ~byte));
}
