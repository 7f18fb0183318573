// @ts-check
/** The canvas that one draws on, and the grey picture that it sends. */

/** Side of the picture that is sent: small enough to be quick, large enough for smooth lines. */
export const SENT_SIDE = 112;
const SIDE = 448;
const BRUSH = 34;

export class Pad {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{ink: () => string, changed: () => void}} options
   */
  constructor(canvas, { ink, changed }) {
    this.canvas = canvas;
    this.ink = ink;
    this.changed = changed;
    canvas.width = canvas.height = SIDE;
    this.small = document.createElement("canvas");
    this.small.width = this.small.height = SENT_SIDE;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {[number, number][][]} */
    this.strokes = [];
    this.cursor = { x: SIDE / 2, y: SIDE / 2 };
    this.#listen();
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  clear() {
    this.strokes = [];
    this.redraw();
    this.changed();
  }

  undo() {
    this.strokes.pop();
    this.redraw();
    this.changed();
  }

  /** Draw all strokes again: after an undo, or in the other theme. */
  redraw() {
    this.context.clearRect(0, 0, SIDE, SIDE);
    for (const stroke of this.strokes) this.#draw(this.context, stroke, this.ink(), 1);
  }

  /** The drawing as grey levels, ink light on dark. @returns {Uint8Array} */
  pixels() {
    const context = /** @type {CanvasRenderingContext2D} */ (
      this.small.getContext("2d", { willReadFrequently: true })
    );
    context.fillStyle = "#000";
    context.fillRect(0, 0, SENT_SIDE, SENT_SIDE);
    for (const stroke of this.strokes) this.#draw(context, stroke, "#fff", SENT_SIDE / SIDE);
    const { data } = context.getImageData(0, 0, SENT_SIDE, SENT_SIDE);
    const grey = new Uint8Array(SENT_SIDE * SENT_SIDE);
    for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i];
    return grey;
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {[number, number][]} stroke
   * @param {string} color @param {number} scale
   */
  #draw(context, stroke, color, scale) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = BRUSH * scale;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    const [[x, y]] = stroke;
    context.moveTo(x * scale, y * scale);
    for (const [px, py] of stroke) context.lineTo(px * scale, py * scale);
    context.stroke();
  }

  #listen() {
    const { canvas } = this;
    let down = -1;
    const place = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      return /** @type {[number, number]} */ ([
        ((event.clientX - box.left) / box.width) * SIDE,
        ((event.clientY - box.top) / box.height) * SIDE,
      ]);
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      down = event.pointerId;
      this.strokes.push([place(event)]);
      this.redraw();
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== down) return;
      const stroke = this.strokes[this.strokes.length - 1];
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) stroke?.push(place(one));
      if (stroke) this.#draw(this.context, stroke.slice(-events.length - 2), this.ink(), 1);
      this.changed();
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => (down = -1));
    }
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Draw by keyboard: arrows move a pen; with Shift it does not touch. @param {KeyboardEvent} event */
  #key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const from = this.cursor;
    const limit = (/** @type {number} */ value) => Math.min(Math.max(value, BRUSH), SIDE - BRUSH);
    this.cursor = { x: limit(from.x + step[0] * 18), y: limit(from.y + step[1] * 18) };
    if (event.shiftKey) return;
    const last = this.strokes[this.strokes.length - 1];
    const end = last?.[last.length - 1];
    if (end && end[0] === from.x && end[1] === from.y) last.push([this.cursor.x, this.cursor.y]);
    else this.strokes.push([[from.x, from.y], [this.cursor.x, this.cursor.y]]); // prettier-ignore
    this.redraw();
    this.changed();
  }
}
