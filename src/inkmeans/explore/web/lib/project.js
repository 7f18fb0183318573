// @ts-check
/**
 * The open project as the pages see it: what the server holds, kept in step by its events, and
 * what a person can do with it. Nothing in the store changes by an action before the server has
 * answered, so what is seen is on disk.
 */
import { askBytes, getBytes, getJson, listen, postBytes, postJson, query } from "./api.js";
import { verdict } from "./format.js";
import { Images } from "./images.js";
import { imagesOf, NO_LABEL } from "./protocol.js";
import { createStore } from "./store.js";
import { currentTheme } from "./theme.js";

/** @typedef {import("./protocol.js").State} State */
/** @typedef {import("./protocol.js").ClusterInfo} ClusterInfo */
/** @typedef {import("./protocol.js").JobInfo} JobInfo */
/** @typedef {Uint8Array | Uint16Array | Float32Array} Field */

/**
 * @typedef {object} Shared
 * @property {State | null} state
 * @property {boolean} connected
 * @property {Images | null} images
 * @property {ClusterInfo[]} clusters of the current run, ascending
 * @property {Map<number, Uint8Array>} centroids
 * @property {number} clustersRun the run that these are of
 * @property {Record<string, Field>} fields those that a page asked for, of the current run
 * @property {{id: number, points: Float32Array} | null} map
 * @property {JobInfo[]} jobs
 * @property {{job: number, step: number, inertia: number} | null} frame
 * @property {{bits: Uint8Array, title: string} | null} shown images that another page hands on
 * @property {import("./palette.js").Theme} theme
 * @property {number} changes counts what any page may have to ask for anew
 * @property {{message: string, hint: string} | null} failure
 */

/** @type {Record<string, (bytes: ArrayBuffer) => Field>} */
const FIELD_TYPES = {
  cluster: (bytes) => new Uint16Array(bytes),
  second: (bytes) => new Uint16Array(bytes),
  distance: (bytes) => new Float32Array(bytes),
  confidence: (bytes) => new Float32Array(bytes),
  disagreement: (bytes) => new Float32Array(bytes),
  label: (bytes) => new Uint8Array(bytes),
  source: (bytes) => new Uint8Array(bytes),
  truth: (bytes) => new Uint8Array(bytes),
};
const OF_PROJECT = new Set(["label", "source"]);

export class Project {
  constructor() {
    /** @type {import("./store.js").Store<Shared>} */
    this.store = createStore(/** @type {Shared} */ ({
      state: null, connected: true, images: null, clusters: [], centroids: new Map(),
      clustersRun: -1, fields: {}, map: null, jobs: [], frame: null, shown: null,
      theme: currentTheme(), changes: 0, failure: null,
    })); // prettier-ignore
    /** @type {Map<string, Promise<Field>>} */
    this.asked = new Map();
    this.reading = Promise.resolve();
    this.waiting = false;
    /** @type {Promise<any>} the action under way */
    this.acting = Promise.resolve();
  }

  get state() {
    return this.store.get().state;
  }

  /** The classes' names that labels are positions in. */
  get classes() {
    return this.state?.classes ?? [];
  }

  /** @param {number | null | undefined} label @returns {string} "" where it is no class */
  className(label) {
    return label === null || label === undefined ? "" : (this.classes[label] ?? "");
  }

  /**
   * Say how clearly an image lies in its cluster rather than in the next one.
   * @param {number} index
   * @returns {string} "" where the page did not ask for the fields that tell it
   */
  clarity(index) {
    const { fields, clusters } = this.store.get();
    const [own, second] = [fields.cluster, fields.second].map((field) =>
      clusters.find(({ cluster }) => cluster === field?.[index])); // prettier-ignore
    if (!own || !second) return "";
    const [name, other] = [own, second].map(({ label, cluster }) => this.className(label) || `#${cluster}`);
    return name === other
      ? verdict(fields.confidence?.[index], `#${own.cluster}`, `#${second.cluster}`)
      : verdict(fields.confidence?.[index], name, other);
  }

  /** Read the state and follow what changes. */
  async start() {
    await this.read();
    let lost = false;
    listen("/api/events", {
      hello: ({ revision }) => {
        if (lost || revision !== this.state?.revision) this.#changed({ reason: "status" });
        lost = false;
      },
      change: (change) => this.#changed(change),
      job: (job) => this.#job(job),
      frame: (frame) => this.store.set({ frame }),
    }, (connected) => {
      lost ||= !connected;
      this.store.set({ connected });
    }); // prettier-ignore
  }

  /** Read the state, and what depends on it, again; calls that come meanwhile share one more. */
  read() {
    if (this.waiting) return this.reading;
    this.waiting = true;
    this.reading = this.reading.catch(() => {}).then(() => {
      this.waiting = false;
      return this.#read();
    });
    return this.reading;
  }

  async #read() {
    /** @type {State} */
    const state = await getJson("/api/state");
    const before = this.store.get();
    const { dataset } = state;
    /** @type {Partial<Shared>} */
    const next = { state, jobs: state.jobs, failure: state.status === "failed" ? state.error : null };
    if (dataset && dataset.id !== before.images?.dataset.id) {
      before.images?.close();
      next.images = await Images.open(dataset);
      Object.assign(next, { fields: {}, map: null, clusters: [], clustersRun: -1, shown: null });
      this.asked.clear();
    } else if (state.run !== before.state?.run) {
      next.fields = Object.fromEntries(
        Object.entries(before.fields).filter(([name]) => OF_PROJECT.has(name) || name === "truth"),
      );
      for (const name of Object.keys(before.fields)) if (!OF_PROJECT.has(name)) this.asked.delete(name);
    }
    this.store.set(next);
    await Promise.all([this.#readClusters(state), this.#readMap(state)]);
  }

  /** @param {State} state */
  async #readClusters(state) {
    if (state.run === null || !state.dataset) return;
    const { height, width } = state.dataset;
    const base = `/api/runs/${state.run}`;
    const [{ clusters }, bytes] = await Promise.all([
      getJson(`${base}/clusters`),
      getBytes(`${base}/centroids`),
    ]);
    const pictures = imagesOf(new Uint8Array(bytes), height * width);
    if (this.state?.run !== state.run || pictures.length !== clusters.length) return;
    const centroids = new Map(
      clusters.map((/** @type {ClusterInfo} */ info, /** @type {number} */ at) => [info.cluster, pictures[at]]),
    );
    this.store.set({ clusters, centroids, clustersRun: state.run });
  }

  /** @param {State} state */
  async #readMap(state) {
    if (state.map === null || this.store.get().map?.id === state.map) return;
    const id = state.map;
    const points = new Float32Array(await getBytes(`/api/maps/${id}/points`));
    if (this.state?.map === id) this.store.set({ map: { id, points } });
  }

  /**
   * Give a field of the current run; from then on it is kept in step, in `store.fields`.
   * @param {string} name
   * @returns {Promise<Field>}
   */
  field(name) {
    const running = this.asked.get(name);
    if (running) return running;
    const { state } = this;
    if (!state?.dataset || (state.run === null && name !== "truth" && !OF_PROJECT.has(name))) {
      return Promise.reject(new Error(`no ${name} yet`));
    }
    const path =
      name === "truth" ? `/api/data/${state.dataset.id}/truth`
      : OF_PROJECT.has(name) ? `/api/fields/${name}`
      : `/api/runs/${state.run}/fields/${name}`; // prettier-ignore
    const job = getBytes(path).then((bytes) => {
      const values = FIELD_TYPES[name](bytes);
      if (this.asked.get(name) === job) {
        this.store.set({ fields: { ...this.store.get().fields, [name]: values } });
      }
      return values;
    });
    this.asked.set(name, job);
    job.catch(() => this.asked.get(name) === job && this.asked.delete(name));
    return job;
  }

  /** @param {string[]} names @returns {Promise<Field[]>} */
  fieldsOf(...names) {
    return Promise.all(names.map((name) => this.field(name)));
  }

  /** Ask again for fields that a page uses. @param {string[] | null} names null: all */
  async #renew(names) {
    const used = [...this.asked.keys()].filter((name) => !names || names.includes(name));
    for (const name of used) if (name !== "truth") this.asked.delete(name);
    await this.fieldsOf(...used).catch(() => {});
  }

  /** @param {{reason: string, revision?: number, fields?: string[] | null}} change */
  async #changed({ reason, revision, fields }) {
    await this.acting; // the news of our own action may come before its answer
    await null;
    const known = this.state?.revision ?? -1;
    if (revision !== undefined && revision <= known) return; // our own action, read already
    try {
      await this.read();
      await this.#renew(["run", "data", "status"].includes(reason) ? null : (fields ?? null));
    } catch (error) {
      console.warn(error instanceof Error ? error.message : error);
    }
    this.store.set({ changes: this.store.get().changes + 1 });
  }

  /** @param {JobInfo} job */
  #job(job) {
    const others = this.store.get().jobs.filter(({ id }) => id !== job.id);
    this.store.set({ jobs: [...others, job].sort((a, b) => a.id - b.id) });
  }

  /**
   * Do something that the server answers once it is on disk; then show it.
   * @param {string} path
   * @param {import("./api.js").Body | null} [body]
   * @param {() => void} [onDisk] what can be shown at once
   * @returns {Promise<any>} the answer
   */
  async act(path, body = null, onDisk = () => {}) {
    const acting = postBytes(path, body);
    this.acting = acting.catch(() => {});
    const answer = await acting;
    onDisk();
    const { state } = this.store.get();
    if (state && answer.revision > state.revision + 1) {
      await this.read(); // another tab was at work too
      await this.#renew(null);
    } else if (state && answer.labels) {
      const { undo, redo, labels } = answer;
      this.store.set({ state: { ...state, undo, redo, labels, revision: answer.revision } });
    }
    const moved = /actions.(label|exclude|audit)/.test(path) ? ["label", "source"] : null;
    if (this.state) await Promise.all([this.#readClusters(this.state), this.#renew(moved)]);
    this.store.set({ changes: this.store.get().changes + 1 });
    return answer;
  }

  /**
   * Name a cluster; its card shows the name as soon as the server has it, before the rest follows.
   * @param {number} cluster @param {number} label
   */
  labelCluster(cluster, label) {
    const path = `/api/actions/label${query({ label, run: this.state?.run, cluster })}`;
    return this.act(path, null, () => {
      const name = label === NO_LABEL ? null : label;
      const clusters = this.store.get().clusters.map((info) =>
        info.cluster === cluster ? { ...info, label: name } : info,
      );
      this.store.set({ clusters });
    });
  }

  /** @param {Uint8Array} bits @param {number} label */
  labelImages(bits, label) {
    return this.act(`/api/actions/label${query({ label })}`, bits);
  }

  /** @param {number} image @param {number} label */
  labelImage(image, label) {
    return this.act(`/api/actions/label${query({ label, image })}`);
  }

  /** @param {number} cluster */
  unnameCluster(cluster) {
    return this.labelCluster(cluster, NO_LABEL);
  }

  /** @param {Uint8Array} bits @param {boolean} value */
  excludeImages(bits, value) {
    return this.act(`/api/actions/exclude${query({ value: value ? 1 : 0 })}`, bits);
  }

  /** @param {number} cluster @param {boolean} value */
  excludeCluster(cluster, value) {
    const run = this.state?.run;
    return this.act(`/api/actions/exclude${query({ value: value ? 1 : 0, run, cluster })}`);
  }

  /** @param {number} source @param {number} target */
  merge(source, target) {
    return this.act(`/api/actions/merge${query({ run: this.state?.run, source, target })}`);
  }

  /** @param {number} cluster @param {number} [parts] */
  split(cluster, parts = 2) {
    return this.act(`/api/actions/split${query({ run: this.state?.run, cluster, parts })}`);
  }

  /** @param {number} image @param {number} label */
  audit(image, label) {
    return this.act(`/api/actions/audit${query({ image, label })}`);
  }

  undo() {
    return this.act("/api/undo");
  }

  redo() {
    return this.act("/api/redo");
  }

  /** @param {{run?: number, map?: number}} which */
  async choose(which) {
    await postJson("/api/current", which);
    await this.read();
    await this.#renew(null);
    this.store.set({ changes: this.store.get().changes + 1 });
  }

  /** @param {string} kind @param {Record<string, any>} settings @returns {Promise<JobInfo>} */
  async startJob(kind, settings) {
    const job = await postJson("/api/jobs", { kind, settings });
    this.#job(job);
    return job;
  }

  /** @param {number} id */
  async cancelJob(id) {
    this.#job(await postJson(`/api/jobs/${id}/cancel`));
  }

  /**
   * Give the images nearest to one, nearest first.
   * @param {number} image @param {Uint8Array | null} among @param {number} [count]
   * @returns {Promise<Uint32Array>}
   */
  async near(image, among, count = 1000) {
    const path = `/api/runs/${this.state?.run}/order${query({ by: "near", image, count })}`;
    return new Uint32Array(await (among ? askBytes(path, among) : getBytes(path)));
  }
}
