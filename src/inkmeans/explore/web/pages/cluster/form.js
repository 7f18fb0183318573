// @ts-check
/** How to cluster: three presets, everything else folded away. */
import { fill, h } from "../../lib/dom.js";
import { choiceField } from "../../lib/menu.js";

/** @typedef {import("../../lib/menu.js").Menu} Menu */

/**
 * @param {Menu} menu
 * @param {{n: number, onStart: (settings: Record<string, any>) => void, onSuggest: (settings: Record<string, any>) => void,
 *   onMap: (method: string) => void}} ways
 */
export function clusterForm(menu, { n, onStart, onSuggest, onMap }) {
  const clusters = h("input", { type: "number", min: "2", max: String(Math.max(2, n - 1)), value: "10", required: true, name: "n_clusters" });
  const seed = h("input", { type: "number", min: "0", value: "0", name: "seed" });
  const features = choiceField("Features", menu.features);
  const reducer = choiceField("Reducer", menu.reducers, { none: "none" });
  const dimensions = h("input", { type: "number", min: "1", max: "784", value: "64", name: "dimensions" });
  const algorithm = choiceField("Algorithm", menu.algorithms);
  const details = h("details", { "data-testid": "own-settings" });
  let preset = menu.presets.find(({ available }) => available)?.name ?? "";

  const radios = menu.presets.map(({ name, summary, available, hint }) => {
    const input = h("input", { type: "radio", name: "preset", value: name, checked: name === preset, disabled: !available });
    input.addEventListener("change", () => choose(name));
    return h("label", { class: "preset" }, input, h("strong", {}, name), h("span", {}, available ? summary : (hint ?? summary)));
  });

  /** @param {string} name */
  function choose(name) {
    preset = name;
    const settings = menu.presets.find((one) => one.name === name)?.settings ?? {};
    if (settings.features) features.set(settings.features);
    const [how, size] = String(settings.reduce ?? "").split(":");
    reducer.set(how ?? "");
    if (size) dimensions.value = size;
    if (settings.algorithm) algorithm.set(settings.algorithm);
  }
  choose(preset);

  // A setting of one's own is no preset any more.
  for (const field of [features.select, reducer.select, algorithm.select, dimensions]) {
    field.addEventListener("change", () => {
      preset = "";
      for (const label of radios) label.querySelector("input")?.toggleAttribute("checked", false);
      for (const input of element.querySelectorAll('input[name="preset"]')) /** @type {HTMLInputElement} */ (input).checked = false;
    });
  }

  const own = () => ({
    features: features.select.value,
    reduce: reducer.select.value ? `${reducer.select.value}:${dimensions.value}` : null,
    algorithm: algorithm.select.value,
  });
  const settings = () => ({
    ...(preset ? { preset } : own()),
    n_clusters: Number(clusters.value),
    seed: Number(seed.value),
  });

  const map = choiceField("Map by", menu.maps);
  fill(details, h("summary", {}, "Own settings"), h("div", { class: "stack" },
    features.element,
    h("div", { class: "pair" }, reducer.element, h("label", { class: "field" }, "Dimensions", dimensions)),
    algorithm.element,
    h("label", { class: "field" }, "Seed", seed, h("small", {}, "the same seed gives the same clusters")))); // prettier-ignore
  const element = h("form", { class: "panel form", "aria-label": "How to cluster" },
    h("fieldset", { class: "presets" }, h("legend", { class: "small" }, "How"), radios),
    h("label", { class: "field" }, "Clusters", h("div", { class: "row" }, clusters)),
    details,
    h("div", { class: "row" },
      h("button", { class: "primary", type: "submit" }, "Cluster"),
      h("button", { type: "button", onclick: () => onSuggest({ ...suggestion() }) }, "Suggest a number")),
    h("hr", {}),
    map.element,
    h("div", { class: "row" }, h("button", { type: "button", onclick: () => onMap(map.select.value) }, "Draw this map"))); // prettier-ignore
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    onStart(settings());
  });

  /** Suggesting looks at many k, so it takes what a preset stands for. */
  function suggestion() {
    const known = menu.presets.find((one) => one.name === preset)?.settings;
    const base = known ? { features: known.features, reduce: known.reduce ?? null, algorithm: known.algorithm } : own();
    return { ...base, ks: Array.from({ length: 19 }, (_, at) => at + 2), seeds: 3 };
  }

  return {
    element,
    /** @param {number} k */
    startWith(k) {
      clusters.value = String(k);
      onStart(settings());
    },
  };
}
