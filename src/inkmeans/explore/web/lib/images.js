// @ts-check
/**
 * The thumbnails of all images, loaded band by band in the background (an atlas never exceeds
 * 67 MB), and full images on demand.
 */
import { askBytes, getBytes, getJson } from "./api.js";
import { cut, imagesOf, placeOf } from "./protocol.js";

/** @typedef {import("./protocol.js").Atlas} Atlas */
/** @typedef {import("./protocol.js").DatasetInfo} DatasetInfo */

/** When loading starts by itself, goes on with what nobody waits for, and tries again. */
const [START_MS, PAUSE_MS, RETRY_MS] = [500, 100, 2000];

export class Images {
  /** @param {DatasetInfo} dataset @param {Atlas} atlas */
  constructor(dataset, atlas) {
    this.dataset = dataset;
    this.atlas = atlas;
    /** @type {(Uint8Array | null)[]} */
    this.bands = new Array(atlas.bands).fill(null);
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.rest = this.bands.map((_, band) => band);
    /** @type {Set<number>} */
    this.wanted = new Set();
    this.started = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    this.end = new AbortController();
  }

  /** @param {DatasetInfo} dataset @returns {Promise<Images>} */
  static async open(dataset) {
    return new Images(dataset, await getJson(`/api/data/${dataset.id}/atlas`));
  }

  /** Load all bands in the background, two at a time; those that are wanted first. */
  start() {
    if (this.started) return;
    this.started = true;
    const worker = async () => {
      while (this.rest.length) {
        // What nobody waits for leaves the page time to answer.
        if (!this.wanted.has(this.rest[0])) await new Promise((done) => setTimeout(done, PAUSE_MS));
        const band = this.rest.shift();
        if (band !== undefined) await this.#load(band);
      }
    };
    worker();
    worker();
  }

  /** @param {number} band */
  async #load(band) {
    const path = `/api/data/${this.dataset.id}/atlas/${band}`;
    try {
      this.bands[band] = new Uint8Array(await getBytes(path, { signal: this.end.signal }));
    } catch (error) {
      if (this.end.signal.aborted) return;
      console.warn(`thumbnails, part ${band}: ${error instanceof Error ? error.message : error}`);
      await new Promise((done) => setTimeout(done, RETRY_MS));
      this.rest.push(band);
      return;
    }
    for (const listener of this.listeners) listener();
  }

  /** Have a band loaded next. @param {number} band */
  #want(band) {
    this.wanted.add(band);
    const at = this.rest.indexOf(band);
    if (at > 0) this.rest.unshift(...this.rest.splice(at, 1));
    // A page that is just being made has more urgent questions.
    if (!this.started) this.soon ??= setTimeout(() => this.start(), START_MS);
  }

  /**
   * Give a thumbnail, or null while its band is on its way.
   * @param {number} index
   * @returns {Uint8Array | null}
   */
  get(index) {
    if (!(index >= 0 && index < this.atlas.n)) return null;
    const band = placeOf(this.atlas, index).band;
    const pixels = this.bands[band];
    if (pixels) return cut(this.atlas, pixels, index);
    this.#want(band);
    return null;
  }

  /** Call when more thumbnails are here. @param {() => void} listener @returns {() => void} */
  onLoad(listener) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Give images in full size.
   * @param {number[]} indices
   * @returns {Promise<Uint8Array[]>}
   */
  async full(indices) {
    const { height, width, id } = this.dataset;
    const body = Uint32Array.from(indices).buffer;
    const bytes = await askBytes(`/api/data/${id}/images`, body);
    return imagesOf(new Uint8Array(bytes), height * width);
  }

  /** Stop loading: other images are open now. */
  close() {
    this.end.abort();
    clearTimeout(this.soon);
    this.rest.length = 0;
    this.listeners.clear();
  }
}
