// @ts-check
/** Small line charts. */
import { svg } from "./dom.js";

/**
 * @param {{x: number, y: number, spread?: number | null}[]} points in the order of x
 * @param {object} how
 * @param {string} how.label what a screen reader says of all of it
 * @param {(y: number) => string} how.format
 * @param {number | null} [how.best] the x to mark
 * @param {(x: number) => void} [how.onPick] makes its points buttons
 * @param {string} [how.pickLabel] what picking one does
 * @param {number} [how.height]
 * @returns {SVGElement}
 */
export function lineChart(points, { label, format, best = null, onPick, pickLabel = "", height = 130 }) {
  const [width, right, top, bottom] = [260, 8, 10, 22];
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [xLow, xHigh] = [Math.min(...xs), Math.max(...xs)];
  const [yLow, yHigh] = [Math.min(...ys), Math.max(...ys)];
  // Room for the longer of the two numbers beside the axis.
  const left = 14 + 6.5 * Math.max(4, format(yHigh).length, format(yLow).length);
  const px = (/** @type {number} */ x) => left + ((x - xLow) / (xHigh - xLow || 1)) * (width - left - right);
  const py = (/** @type {number} */ y) => height - bottom - ((y - yLow) / (yHigh - yLow || 1)) * (height - top - bottom);
  const chart = svg("svg", {
    class: "chart", viewBox: `0 0 ${width} ${height}`, role: onPick ? "group" : "img", "aria-label": label,
  }); // prettier-ignore
  if (!points.length) return chart;
  chart.append(
    svg("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }),
    svg("text", { x: left - 6, y: py(yHigh) + 4, "text-anchor": "end" }, format(yHigh)),
    svg("text", { x: left - 6, y: py(yLow) + 4, "text-anchor": "end" }, yHigh > yLow ? format(yLow) : ""),
    svg("text", { x: px(xLow), y: height - 6, "text-anchor": "middle" }, String(xLow)),
    svg("text", { x: px(xHigh), y: height - 6, "text-anchor": "middle" }, xHigh > xLow ? String(xHigh) : ""),
    svg("polyline", { class: "line", points: points.map(({ x, y }) => `${px(x)},${py(y)}`).join(" ") }),
  );
  const only = onPick ? points : points.slice(-1);
  for (const { x, y } of only) {
    const text = `${x}: ${format(y)}${pickLabel ? `; ${pickLabel} ${x}` : ""}`;
    const dot = svg("circle", { class: x === best ? "dot best" : "dot", cx: px(x), cy: py(y), r: onPick ? 5 : 4 },
      svg("title", {}, text)); // prettier-ignore
    if (onPick) {
      for (const [name, value] of Object.entries({ tabindex: "0", role: "button", "aria-label": text })) dot.setAttribute(name, value);
      dot.addEventListener("click", () => onPick(x));
      dot.addEventListener("keydown", (event) => {
        if (event instanceof KeyboardEvent && (event.key === "Enter" || event.key === " ")) {
          event.preventDefault();
          onPick(x);
        }
      });
    }
    chart.append(dot);
  }
  return chart;
}
