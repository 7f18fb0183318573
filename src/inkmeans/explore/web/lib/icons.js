// @ts-check
/** Line icons, 20 x 20, drawn with the colour of the text around them. */
import { svg } from "./dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  undo: "M4 8h8a4 4 0 0 1 0 8H8M4 8l3.5-3.5M4 8l3.5 3.5",
  redo: "M16 8H8a4 4 0 0 0 0 8h4M16 8l-3.5-3.5M16 8l-3.5 3.5",
  lasso: "M10 4c4 0 7 2 7 4.6s-3 4.6-7 4.6c-1.5 0-2.8-.3-3.9-.8M10 4C6 4 3 6 3 8.6c0 1.6 1.2 3 3.1 3.8M6.1 12.4a1.8 1.8 0 1 0-1.7 2.7c1.6 0 2 .9 1.3 2.4",
  hand: "M6 10V5.5a1.2 1.2 0 0 1 2.4 0V9m0-.5V4.2a1.2 1.2 0 0 1 2.4 0V9m0-4a1.2 1.2 0 0 1 2.4 0V9.5m0-2.2a1.2 1.2 0 0 1 2.4 0v4.2c0 3-1.8 5-4.8 5-2.4 0-3.5-1-4.6-3L3.6 9.8a1.2 1.2 0 0 1 2-1.2L7 10.5",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  fit: "M4 7.5V4h3.5M12.5 4H16v3.5M16 12.5V16h-3.5M7.5 16H4v-3.5",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4 10.5l4 4 8-9",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M10 14.5h.01",
  moon: "M16 11.5A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.5z",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.5 4.5l1 1M14.5 14.5l1 1M15.5 4.5l-1 1M5.5 14.5l-1 1",
  frame: "M4 4h12v12H4z",
  down: "M10 4v9M6 9.5l4 4 4-4M4 16.5h12",
  next: "M4 10h12M11.5 5.5L16 10l-4.5 4.5",
  back: "M16 10H4M8.5 5.5L4 10l4.5 4.5",
  eraser: "M8 16l-4-4 7.5-7.5 4.5 4.5-7 7zM8 16h8M7.5 8.5l4.5 4.5",
  play: "M6 4.5v11l9-5.5z",
  split: "M10 16V9M10 9L5 4M10 9l5-5M5 7.5V4h3.5M11.5 4H15v3.5",
};

/** @param {keyof typeof PATHS | string} name @returns {SVGElement} */
export function icon(name) {
  return svg(
    "svg",
    {
      viewBox: "0 0 20 20", width: 18, height: 18, fill: "none", stroke: "currentColor",
      "stroke-width": name === "more" ? 2.4 : 1.5, "stroke-linecap": "round",
      "stroke-linejoin": "round", "aria-hidden": "true", class: "icon",
    },
    svg("path", { d: PATHS[name] ?? "" }),
  ); // prettier-ignore
}
