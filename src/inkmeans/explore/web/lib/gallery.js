// @ts-check
/**
 * A grid of images that holds elements only for those in view, so that 70,000 or more scroll
 * smoothly. Tiles are painted as they come into view, from thumbnails that are already here.
 */
import { fill, h } from "./dom.js";
import { paint, wipe } from "./digit.js";

/** Rows painted above and below what is in view. */
const SPARE_ROWS = 4;
const GAP = 6;

/**
 * @typedef {{label: string, badge?: string, color?: string, excluded?: boolean}} Look
 *
 * @typedef {object} GalleryOptions
 * @property {string} label for screen readers
 * @property {number} [size] least side of a tile in pixels
 * @property {(index: number) => Look} look
 * @property {(index: number) => void} [onHover] -1: none
 * @property {(picked: Set<number>) => void} [onPick]
 * @property {(index: number) => void} [onOpen] double click or Enter
 */

export class Gallery {
  /** @param {HTMLElement} element @param {GalleryOptions} options */
  constructor(element, options) {
    this.element = element;
    this.options = options;
    this.size = options.size ?? 46;
    /** @type {ArrayLike<number>} */
    this.items = [];
    /** @type {Set<number>} */
    this.picked = new Set();
    this.anchor = 0;
    this.active = -1;
    this.columns = 1;
    this.ink = /** @type {[number, number, number]} */ ([0, 0, 0]);
    /** @type {import("./images.js").Images | null} */
    this.images = null;
    /** @type {Map<number, HTMLElement>} place -> tile */
    this.tiles = new Map();
    /** @type {HTMLElement[]} tiles that are free */
    this.free = [];
    this.inner = h("div", { class: "gallery-inner", role: "presentation" });
    element.classList.add("gallery");
    for (const [name, value] of Object.entries({
      role: "listbox", "aria-multiselectable": "true", "aria-label": options.label, tabindex: "0",
    })) element.setAttribute(name, value); // prettier-ignore
    fill(element, this.inner);
    this.#listen();
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(element);
  }

  /** @param {import("./images.js").Images} images @param {[number, number, number]} ink */
  setImages(images, ink) {
    if (this.images !== images) {
      this.forget?.();
      this.images = images;
      this.forget = images.onLoad(() => this.#repaintMissing());
    }
    this.ink = ink;
    this.refresh();
  }

  /** Show these images, from the top. @param {ArrayLike<number>} items */
  setItems(items) {
    this.items = items;
    this.active = -1;
    this.element.removeAttribute("aria-activedescendant");
    this.element.scrollTop = 0;
    this.#release();
    this.layout();
  }

  /** @param {Set<number>} picked */
  setPicked(picked) {
    this.picked = picked;
    for (const tile of this.tiles.values()) this.#mark(tile);
  }

  /** Paint and describe all tiles again: labels, colours or the theme changed. */
  refresh() {
    for (const [place, tile] of this.tiles) this.#show(tile, place);
  }

  /** Find out how many tiles a row holds, and show those in view. */
  layout() {
    const room = this.element.clientWidth - 2 * GAP;
    if (room <= 0) return;
    const columns = Math.max(1, Math.floor((room + GAP) / (this.size + GAP)));
    this.side = (room - (columns - 1) * GAP) / columns;
    if (columns !== this.columns) this.#release();
    this.columns = columns;
    const rows = Math.ceil(this.items.length / columns);
    this.inner.style.height = `${rows * (this.side + GAP) + GAP}px`;
    this.#window();
  }

  destroy() {
    this.forget?.();
    this.observer.disconnect();
    this.element.replaceChildren();
  }

  /** Show tiles for what is in view, and free the others. */
  #window() {
    if (!this.side) return;
    const step = this.side + GAP;
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / step) - SPARE_ROWS) * this.columns;
    const rows = Math.ceil((top + this.element.clientHeight) / step) + SPARE_ROWS;
    const end = Math.min(this.items.length, rows * this.columns);
    for (const [place, tile] of this.tiles) {
      if (place >= first && place < end) continue;
      this.tiles.delete(place);
      this.free.push(tile);
    }
    for (let place = first; place < end; place++) {
      let tile = this.tiles.get(place);
      if (!tile) {
        tile = this.free.pop() ?? this.#make();
        this.tiles.set(place, tile);
        this.#show(tile, place);
      }
      const x = GAP + (place % this.columns) * step;
      const y = GAP + Math.floor(place / this.columns) * step;
      tile.style.width = tile.style.height = `${this.side}px`;
      tile.style.transform = `translate(${x}px, ${y}px)`;
    }
    for (const tile of this.free) tile.remove();
  }

  #release() {
    for (const tile of this.tiles.values()) this.free.push(tile);
    this.tiles.clear();
  }

  #make() {
    return h("div", { class: "tile blank", role: "option", "data-testid": "tile" },
      h("canvas", { "aria-hidden": "true" }), h("span", { class: "tile-badge", "aria-hidden": "true" })); // prettier-ignore
  }

  /** @param {HTMLElement} tile @param {number} place */
  #show(tile, place) {
    const index = this.items[place];
    const { label, badge = "", color = "transparent", excluded = false } = this.options.look(index);
    const [canvas, sign] = /** @type {[HTMLCanvasElement, HTMLElement]} */ (
      /** @type {unknown} */ (tile.children)
    );
    tile.id = `tile-${place}`;
    tile.dataset.index = String(index);
    tile.dataset.place = String(place);
    tile.setAttribute("aria-label", label);
    tile.setAttribute("aria-setsize", String(this.items.length));
    tile.setAttribute("aria-posinset", String(place + 1));
    tile.classList.toggle("excluded", excluded);
    tile.classList.toggle("active", place === this.active);
    tile.style.setProperty("--tone", color);
    sign.textContent = badge;
    this.#mark(tile);
    this.#paint(tile, canvas, index);
    if (!tile.parentElement) this.inner.append(tile);
  }

  /** @param {HTMLElement} tile @param {HTMLCanvasElement} canvas @param {number} index */
  #paint(tile, canvas, index) {
    const pixels = this.images?.get(index) ?? null;
    const wasBlank = tile.classList.contains("blank");
    tile.classList.toggle("blank", !pixels);
    if (pixels && this.images) {
      const { width, height } = this.images.atlas;
      paint(canvas, pixels, width, height, this.ink);
    } else if (!wasBlank) wipe(canvas);
  }

  #repaintMissing() {
    for (const tile of this.tiles.values()) {
      if (!tile.classList.contains("blank")) continue;
      const canvas = /** @type {HTMLCanvasElement} */ (tile.firstElementChild);
      this.#paint(tile, canvas, Number(tile.dataset.index));
    }
  }

  /** @param {HTMLElement} tile */
  #mark(tile) {
    tile.setAttribute("aria-selected", String(this.picked.has(Number(tile.dataset.index))));
  }

  /** @param {EventTarget | null} target @returns {number} the place, -1 where there is no tile */
  #placeOf(target) {
    const tile = target instanceof Element ? target.closest(".tile") : null;
    return tile instanceof HTMLElement ? Number(tile.dataset.place) : -1;
  }

  #listen() {
    const { element, options } = this;
    element.addEventListener("scroll", () => this.#window(), { passive: true });
    element.addEventListener("pointerover", (event) => {
      const place = this.#placeOf(event.target);
      options.onHover?.(place < 0 ? -1 : this.items[place]);
    });
    element.addEventListener("pointerleave", () => options.onHover?.(-1));
    element.addEventListener("click", (event) => {
      const place = this.#placeOf(event.target);
      if (place >= 0) this.#pick(place, event);
    });
    element.addEventListener("dblclick", (event) => {
      const place = this.#placeOf(event.target);
      if (place >= 0) options.onOpen?.(this.items[place]);
    });
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {number} place
   * @param {{shiftKey: boolean, ctrlKey: boolean, metaKey: boolean}} event
   */
  #pick(place, event) {
    const toggles = event.ctrlKey || event.metaKey;
    /** @type {Set<number>} */
    const picked = new Set(toggles || event.shiftKey ? this.picked : []);
    const index = this.items[place];
    const alone = this.picked.size === 1 && this.picked.has(index);
    if (event.shiftKey) {
      const [from, to] = [Math.min(this.anchor, place), Math.max(this.anchor, place)];
      for (let at = from; at <= to; at++) picked.add(this.items[at]);
    } else {
      if (toggles ? picked.has(index) : alone) picked.delete(index);
      else picked.add(index);
      this.anchor = place;
    }
    this.#activate(place);
    this.setPicked(picked);
    this.options.onPick?.(picked);
  }

  /** @param {number} place */
  #activate(place) {
    this.tiles.get(this.active)?.classList.remove("active");
    this.active = place;
    const step = (this.side ?? 0) + GAP;
    const top = Math.floor(place / this.columns) * step;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    const least = top + step + GAP - this.element.clientHeight;
    if (least > this.element.scrollTop) this.element.scrollTop = least;
    this.#window();
    this.tiles.get(place)?.classList.add("active");
    this.element.setAttribute("aria-activedescendant", `tile-${place}`);
    this.options.onHover?.(this.items[place]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.items.length - 1;
    if (last < 0) return;
    const page = this.columns * Math.max(1, Math.floor(this.element.clientHeight / ((this.side ?? 1) + GAP)));
    /** @type {Record<string, number>} */
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns,
      PageDown: page, PageUp: -page, Home: -last, End: last,
    }; // prettier-ignore
    if (event.key in steps && !event.altKey) {
      const from = this.active < 0 ? (steps[event.key] > 0 ? -steps[event.key] : 0) : this.active;
      const place = Math.min(Math.max(from + steps[event.key], 0), last);
      if (event.shiftKey) this.#pick(place, event);
      else this.#activate(place);
    } else if (event.key === " " && this.active >= 0) {
      this.#pick(this.active, { shiftKey: event.shiftKey, ctrlKey: true, metaKey: false });
    } else if (event.key === "Enter" && this.active >= 0) {
      this.options.onOpen?.(this.items[this.active]);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      this.setPicked(new Set(Array.from(this.items)));
      this.options.onPick?.(this.picked);
    } else return;
    event.preventDefault();
  }
}
