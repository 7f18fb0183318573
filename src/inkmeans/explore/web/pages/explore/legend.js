// @ts-check
/** What the map's colours stand for. */
import { fill, h } from "../../lib/dom.js";
import { classColor, contrastColors, css, scaleColor } from "../../lib/palette.js";

const MOST_KEYS = 12;

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {import("../../lib/store.js").Store<import("./selection.js").Look>} look
 */
export function legend(project, look) {
  const element = h("div", { class: "legend" });

  /** @param {{text: string, color: string}[]} keys */
  function keys(keys) {
    fill(element, h("ul", {}, keys.map(({ text, color }) => {
      const swatch = h("i", { "aria-hidden": "true" });
      swatch.style.background = color;
      return h("li", {}, swatch, text);
    }))); // prettier-ignore
  }

  /** @param {string} low @param {string} high */
  function scale(low, high) {
    const { theme } = project.store.get();
    const bar = h("i", { class: "legend-scale", "aria-hidden": "true" });
    const stops = [0, 0.25, 0.5, 0.75, 1].map((at) => css(scaleColor(at, theme)));
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    fill(element, h("p", {}, low, bar, high));
  }

  function render() {
    const { theme, clusters, state } = project.store.get();
    const { colorBy } = look.get();
    const [faint, strong] = contrastColors(theme).map(css);
    if (colorBy === "confidence") scale("between two", "sure");
    else if (colorBy === "disagreement") {
      keys([
        { text: "all runs agree", color: faint },
        { text: "other runs place it elsewhere", color: strong },
      ]);
    } else if (colorBy === "cluster") {
      const shown = clusters.slice(0, MOST_KEYS);
      keys(shown.map(({ cluster, label }) => {
        const name = project.className(label);
        const twice = shown.some((other) => other.cluster !== cluster && other.label === label);
        const text = !name ? `#${cluster}` : twice ? `${name} (#${cluster})` : name;
        return { text, color: css(classColor(cluster, theme)) };
      })); // prettier-ignore
    } else {
      const names = (colorBy === "truth" ? state?.dataset?.classes : state?.classes) ?? [];
      keys([
        ...names.slice(0, MOST_KEYS).map((text, at) => ({ text, color: css(classColor(at, theme)) })),
        { text: colorBy === "truth" ? "not known" : "no label", color: faint },
      ]);
    }
  }

  const ends = [project.store.on(["clusters", "theme", "state"], render), look.on(["colorBy"], render)];
  render();
  return { element, destroy: () => ends.forEach((end) => end()) };
}
