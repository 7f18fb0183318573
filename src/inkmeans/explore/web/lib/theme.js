// @ts-check
/** Light or dark: the system's choice until a person makes another, which the browser keeps. */
/** @typedef {import("./palette.js").Theme} Theme */

const KEY = "inkmeans-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** @returns {Theme} */
export function currentTheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark.matches ? "dark" : "light";
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  localStorage.setItem(KEY, theme);
}

/** Put the theme on the page. @param {Theme} theme */
export function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  known.clear();
}

/** @param {() => void} changed called when the system changes its mind */
export function onSystemTheme(changed) {
  dark.addEventListener("change", changed);
}

/** @type {Map<string, {css: string, rgb: [number, number, number]}>} */
const known = new Map();

/**
 * Give a colour of the style sheet as it is in the present theme, for canvases.
 * @param {string} name without the dashes
 * @returns {{css: string, rgb: [number, number, number]}}
 */
export function themeColor(name) {
  const found = known.get(name);
  if (found) return found;
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const css = getComputedStyle(probe).color;
  probe.remove();
  const parts = (css.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
  const color = { css, rgb: /** @type {[number, number, number]} */ (parts) };
  known.set(name, color);
  return color;
}
