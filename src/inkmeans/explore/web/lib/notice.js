// @ts-check
/** Short messages at the edge of the page: what was done, and what went wrong and what to do. */
import { ApiError } from "./api.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 4500;

/** @type {HTMLElement | null} */
let box = null;

/** @param {HTMLElement} element where messages go */
export function placeNotices(element) {
  box = element;
}

/**
 * @param {string} message
 * @param {{hint?: string, kind?: "done" | "wrong", action?: {text: string, run: () => void}}} [how]
 */
export function notify(message, { hint = "", kind = "done", action } = {}) {
  if (!box) return;
  const notice = h("div", { class: `notice ${kind}`, role: kind === "wrong" ? "alert" : "status" });
  const close = () => notice.remove();
  fill(
    notice,
    h("div", { class: "notice-text" }, h("p", {}, message), hint && h("p", { class: "hint" }, hint)),
    action &&
      h("button", { class: "quiet", onclick: () => (close(), action.run()) }, action.text),
    h("button", { class: "icon-button", "aria-label": "Close message", onclick: close }, icon("close")),
  );
  // Few at a time; an error stays until it is read, unless many follow.
  while (box.children.length >= 3) box.firstElementChild?.remove();
  box.append(notice);
  if (kind === "done") setTimeout(close, SHOWN_MS);
}

/** Show what went wrong. @param {unknown} error */
export function complain(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ApiError ? error.hint : "";
  if (!(error instanceof ApiError)) console.error(error);
  notify(message, { hint, kind: "wrong" });
}

/**
 * Run something that may fail; show why if it does.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function guarded(work) {
  try {
    return await work();
  } catch (error) {
    complain(error);
    return undefined;
  }
}
