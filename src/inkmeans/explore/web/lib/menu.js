// @ts-check
/** The choices that the server offers; the registries there are their only source. */
import { getJson } from "./api.js";
import { h } from "./dom.js";

/**
 * @typedef {{name: string, summary: string, available: boolean, hint?: string, settings?: Record<string, any>}} Choice
 * @typedef {{datasets: Choice[], features: Choice[], reducers: Choice[], algorithms: Choice[], maps: Choice[], presets: Choice[]}} Menu
 */

/** @returns {Promise<Menu>} */
export function getMenu() {
  return getJson("/api/menu");
}

/**
 * A list to choose from; what is not available says what to install.
 * @param {string} label @param {Choice[]} choices @param {{value?: string, none?: string}} [how]
 */
export function choiceField(label, choices, { value, none } = {}) {
  const select = h("select", { name: label.toLowerCase() },
    none && h("option", { value: "" }, none),
    choices.map(({ name, available }) =>
      h("option", { value: name, disabled: !available }, available ? name : `${name} (not installed)`))); // prettier-ignore
  const note = h("small", {});
  const describe = () => {
    const chosen = choices.find(({ name }) => name === select.value);
    note.textContent = chosen ? chosen.summary : "";
  };
  select.addEventListener("change", describe);
  if (value !== undefined) select.value = value;
  describe();
  const missing = choices.filter(({ available }) => !available).map(({ name, hint }) => `${name}: ${hint}`);
  const element = h("label", { class: "field", title: missing.join("\n") }, label, select, note);
  const set = (/** @type {string} */ next) => {
    select.value = next;
    describe();
  };
  return { element, select, set };
}
