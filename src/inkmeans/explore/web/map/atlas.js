// @ts-check
/**
 * Slots for the pictures of points in view. A picture keeps its slot for as long as nobody else
 * needs it, so panning loads only what came into view; any number of images can be on the map.
 */

/** Slots in a row and in a column of the atlas texture. */
export const SIDE = 64;
/** How many points may be digits at once. */
export const SLOTS = SIDE * SIDE;

export class Slots {
  /** @param {number} [count] */
  constructor(count = SLOTS) {
    this.count = count;
    this.clear();
  }

  /** Forget all pictures: the texture was lost, or the images are others. */
  clear() {
    /** @type {Map<number, number>} point -> slot; the least recently seen first */
    this.slots = new Map();
  }

  /**
   * Give each point in view a slot; call `load` for those that had none. Points without a picture
   * yet (`load` returns false) get none.
   * @param {number[]} points at most as many as there are slots
   * @param {(point: number, slot: number) => boolean} load
   * @returns {Int32Array} the slot of each point, -1 where it has none
   */
  place(points, load) {
    const found = new Int32Array(points.length).fill(-1);
    points.forEach((point, at) => {
      const slot = this.slots.get(point);
      if (slot === undefined) return;
      found[at] = slot;
      this.slots.delete(point);
      this.slots.set(point, slot); // seen last
    });
    points.forEach((point, at) => {
      if (found[at] >= 0) return;
      const [oldest] = this.slots.keys();
      const full = this.slots.size >= this.count;
      const slot = full ? /** @type {number} */ (this.slots.get(oldest)) : this.slots.size;
      if (!load(point, slot)) return;
      if (full) this.slots.delete(oldest);
      this.slots.set(point, slot);
      found[at] = slot;
    });
    return found;
  }
}
