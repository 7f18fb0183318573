// @ts-check
/**
 * Keys of a page. A page names its keys once; the same table feeds the help dialog. Keys typed
 * into fields, and those that a dialog is open over, are left alone.
 *
 * @typedef {object} Binding
 * @property {string[]} keys as `event.key` has them, lower case; "mod+z" for Ctrl or Command
 * @property {string} text what it does, for the help
 * @property {string} [shown] how the keys are shown, where that is not the keys themselves
 * @property {(event: KeyboardEvent) => void} run
 */

/** @type {Set<Binding[]>} */
const tables = new Set();

/**
 * Name an event's key as bindings do.
 * @param {KeyboardEvent} event
 * @returns {string}
 */
export function keyOf(event) {
  const key = event.key.toLowerCase();
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const shift = event.shiftKey && (mod || key.length > 1) ? "shift+" : "";
  return event.altKey ? `alt+${mod}${shift}${key}` : mod + shift + key;
}

/** @param {EventTarget | null} target @returns {boolean} whether the target takes text itself */
export function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  const silent = ["button", "checkbox", "radio", "range", "submit", "file", "color"];
  return target instanceof HTMLInputElement && !silent.includes(target.type);
}

/**
 * Add a table of keys until the returned function is called; the table added last is asked first.
 * @param {Binding[]} table
 * @returns {() => void}
 */
export function bind(table) {
  tables.add(table);
  return () => void tables.delete(table);
}

/** All keys that count now, for the help. @returns {Binding[]} */
export function bindings() {
  return [...tables].reverse().flat();
}

/** Listen to the keyboard, once an application. */
export function startKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (takesText(event.target)) return;
    const key = keyOf(event);
    const found = bindings().find((binding) => binding.keys.includes(key));
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
}
