// @ts-check
/**
 * The thumbnails of all images, loaded band by band in the background (an atlas never exceeds
 * 67 MB), and full images on demand.
 */
import { askBytes, getBytes, getJson } from "./api.js";
import { cut, imagesOf, placeOf } from "./protocol.js";

/** @typedef {import("./protocol.js").Atlas} Atlas */
/** @typedef {import("./protocol.js").DatasetInfo} DatasetInfo */

export class Images {
  /** @param {DatasetInfo} dataset @param {Atlas} atlas */
  constructor(dataset, atlas) {
    this.dataset = dataset;
    this.atlas = atlas;
    /** @type {(Uint8Array | null)[]} */
    this.bands = new Array(atlas.bands).fill(null);
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Map<number, Promise<void>>} */
    this.loading = new Map();
    this.end = new AbortController();
  }

  /** @param {DatasetInfo} dataset @returns {Promise<Images>} */
  static async open(dataset) {
    return new Images(dataset, await getJson(`/api/data/${dataset.id}/atlas`));
  }

  /** How many bands are here. */
  get loaded() {
    return this.bands.filter(Boolean).length;
  }

  /** Load all bands, two at a time, from the first on. */
  async loadAll() {
    const rest = this.bands.map((_, band) => band);
    const worker = async () => {
      for (let band = rest.shift(); band !== undefined; band = rest.shift()) await this.load(band);
    };
    await Promise.all([worker(), worker()]);
  }

  /** @param {number} band @returns {Promise<void>} */
  load(band) {
    if (this.bands[band]) return Promise.resolve();
    const running = this.loading.get(band);
    if (running) return running;
    const path = `/api/data/${this.dataset.id}/atlas/${band}`;
    const job = getBytes(path, { signal: this.end.signal }).then(
      (bytes) => {
        this.bands[band] = new Uint8Array(bytes);
        this.loading.delete(band);
        for (const listener of this.listeners) listener();
      },
      (error) => {
        this.loading.delete(band); // the next one who needs it asks again
        if (!this.end.signal.aborted) throw error;
      },
    );
    this.loading.set(band, job);
    return job;
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
    this.load(band).catch(() => {});
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
    this.listeners.clear();
  }
}
