// @ts-check
/**
 * Mouse, pen, fingers and wheel on the map, told as what they mean: hover, pick, lasso, pan, zoom.
 *
 * @typedef {object} Meanings
 * @property {(px: number, py: number) => void} hover
 * @property {() => void} leave
 * @property {(px: number, py: number, event: PointerEvent) => void} pick
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, px: number, py: number) => void} zoom
 * @property {(path: number[], event: PointerEvent) => void} lassoing
 * @property {(path: number[], event: PointerEvent) => void} lassoed
 */

const CLICK_TRAVEL = 4;
const LASSO_STEP = 2;

/**
 * Listen on an element until the returned function is called.
 * @param {HTMLElement} element
 * @param {() => "lasso" | "pan"} tool what a drag with the first button does
 * @param {Meanings} meanings
 * @returns {() => void}
 */
export function listen(element, tool, meanings) {
  const end = new AbortController();
  const options = { signal: end.signal };
  /** @type {Map<number, [number, number]>} */
  const pointers = new Map();
  /** @type {{kind: "lasso" | "pan" | "pinch", path: number[], travel: number} | null} */
  let drag = null;

  /** @param {PointerEvent | WheelEvent} event @returns {[number, number]} */
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 2) return;
    const [x, y] = place(event);
    pointers.set(event.pointerId, [x, y]);
    element.setPointerCapture(event.pointerId);
    const kind = pointers.size > 1 ? "pinch" : event.button === 0 ? tool() : "pan";
    drag = { kind, path: [x, y], travel: 0 };
  }, options);

  element.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    const before = pointers.get(event.pointerId);
    if (!before || !drag) {
      meanings.hover(x, y);
      return;
    }
    const spread = pinchOf(pointers);
    pointers.set(event.pointerId, [x, y]);
    drag.travel += Math.abs(x - before[0]) + Math.abs(y - before[1]);
    if (drag.kind === "pinch") {
      const now = pinchOf(pointers);
      if (spread && now) meanings.zoom(now.spread / spread.spread, now.x, now.y);
      if (spread && now) meanings.pan(now.x - spread.x, now.y - spread.y);
    } else if (drag.kind === "pan") {
      meanings.pan(x - before[0], y - before[1]);
    } else {
      const { path } = drag;
      const step = Math.abs(x - path[path.length - 2]) + Math.abs(y - path[path.length - 1]);
      if (step >= LASSO_STEP) path.push(x, y);
      if (drag.travel > CLICK_TRAVEL) meanings.lassoing(path, event);
    }
  }, options);

  /** @param {PointerEvent} event */
  const release = (event) => {
    if (!pointers.delete(event.pointerId) || !drag) return;
    const done = drag;
    if (pointers.size) return; // the other finger of a pinch is still down
    drag = null;
    if (event.type === "pointercancel") meanings.lassoed([], event);
    else if (done.travel <= CLICK_TRAVEL) meanings.pick(...place(event), event);
    else if (done.kind === "lasso") meanings.lassoed(done.path, event);
  };
  element.addEventListener("pointerup", release, options);
  element.addEventListener("pointercancel", release, options);
  element.addEventListener("pointerleave", () => meanings.leave(), options);
  element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const amount = Math.max(-240, Math.min(240, event.deltaY * lines));
    meanings.zoom(Math.exp(-amount * (event.ctrlKey ? 0.01 : 0.0022)), ...place(event));
  }, { ...options, passive: false });
  return () => end.abort();
}

/** @param {Map<number, [number, number]>} pointers */
function pinchOf(pointers) {
  const [a, b] = [...pointers.values()];
  if (!a || !b) return null;
  return {
    spread: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1])),
    x: (a[0] + b[0]) / 2,
    y: (a[1] + b[1]) / 2,
  };
}
