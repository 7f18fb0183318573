// @ts-check
/** The map of all images, with its tools. */
import { digit } from "../../lib/digit.js";
import { fill, h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { complain, guarded } from "../../lib/notice.js";
import { classColor, classIndices, contrastColors, css, paletteOf, scaleIndices } from "../../lib/palette.js";
import { EXCLUDED, NO_CLUSTER } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";
import { combine, countBits } from "../../lib/bitset.js";
import { DigitMap } from "../../map/map.js";
import { hoverCard } from "./hover_card.js";
import { legend } from "./legend.js";
import { bitsOfFilter, signPlaces } from "./selection.js";

/** @typedef {import("./selection.js").Look} Look */

/** @type {Record<string, string>} */
export const COLORS = {
  cluster: "Cluster",
  label: "Label",
  truth: "Truth",
  confidence: "Confidence",
  disagreement: "Disagreement",
};

/** What the tools take of the map's right edge, in pixels. */
const TOOLS_WIDTH = 44;

/**
 * @param {import("../../app.js").App} app
 * @param {import("../../lib/store.js").Store<Look>} look
 */
export function mapPane({ project }, look) {
  const area = h("div", {
    class: "map", "data-testid": "map", tabindex: "0", role: "application",
    "aria-label": "Map of all images. Arrow keys move, plus and minus zoom, V selects what is in view.",
  }); // prettier-ignore
  const hover = hoverCard(project);
  const key = legend(project, look);
  const draw = new URLSearchParams(location.search).get("draw");
  const map = new DigitMap(area, {
    onHover: (index, px, py) => {
      hover.show(index, px, py, { width: area.clientWidth, height: area.clientHeight });
      if (index !== look.get().hovered) look.set({ hovered: index });
      area.style.cursor = index >= 0 ? "pointer" : look.get().tool === "pan" ? "grab" : "crosshair";
    },
    onPick: (index, event) => pick(index, event),
    onSelect: (bits, mode) => {
      const { filter } = look.get();
      const before = filter.kind === "bits" ? filter.bits : null;
      const whole = mode === "replace" ? null : (before ?? bitsOfFilter(filter, clusterField()));
      const chosen = combine(whole, bits, mode);
      const some = countBits(chosen) > 0;
      look.set({ filter: some ? { kind: "bits", bits: chosen, title: "Selection" } : { kind: "all" }, picked: new Set() });
    },
  }, { draw, right: TOOLS_WIDTH });
  area.dataset.renderer = map.kind;

  const clusterField = () => project.store.get().fields.cluster ?? new Uint16Array(0);

  /** @param {number} index @param {{shiftKey: boolean}} event */
  function pick(index, event) {
    const { picked, filter } = look.get();
    if (index < 0) {
      if (picked.size) look.set({ picked: new Set() });
      else if (filter.kind !== "all") look.set({ filter: { kind: "all" } });
      return;
    }
    const next = new Set(event.shiftKey ? picked : []);
    if (picked.has(index)) next.delete(index);
    else next.add(index);
    look.set({ picked: next });
  }

  const colors = h("select", { "aria-label": "Colour by", "data-testid": "color-by" },
    Object.entries(COLORS).map(([value, text]) => h("option", { value }, text))); // prettier-ignore
  colors.addEventListener("change", () => look.set({ colorBy: colors.value }));
  const maps = h("select", { class: "map-picker", "aria-label": "Map", "data-testid": "map-picker" });
  maps.addEventListener("change", () => guarded(() => project.choose({ map: Number(maps.value) })));
  function renderMaps() {
    const { state } = project.store.get();
    const all = state?.maps ?? [];
    maps.hidden = all.length < 2;
    fill(maps, all.map(({ id, name }) => h("option", { value: String(id) }, name)));
    maps.value = String(state?.map);
  }
  const lasso = toolButton("lasso", "Lasso (L)", () => look.set({ tool: "lasso" }));
  const pan = toolButton("hand", "Move (H); the right mouse button moves as well", () => look.set({ tool: "pan" }));
  const element = h("section", { class: "pane map-pane", "aria-label": "Map" },
    h("div", { class: "pane-head" }, h("h2", {}, "Map"),
      maps, h("label", { class: "inline" }, h("span", {}, "Colour"), colors)),
    h("div", { class: "map-frame" }, area, hover.element,
      h("div", { class: "map-tools", role: "toolbar", "aria-label": "Map tools" }, lasso, pan,
        h("hr", {}),
        toolButton("plus", "Zoom in (+)", () => map.zoom(1.6)),
        toolButton("minus", "Zoom out (-)", () => map.zoom(1 / 1.6)),
        toolButton("fit", "Show all (F)", () => map.fit()),
        toolButton("frame", "Select what is in view (V)", () => map.selectView())),
      key.element)); // prettier-ignore

  area.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step) return;
    event.preventDefault();
    map.pan(step[0], step[1]);
  });

  /** @type {import("../../lib/project.js").Field | null} what the points are coloured by */
  let colored = null;
  /** @type {{clusters: any, points: any, places: Map<number, [number, number]>}} */
  let signed = { clusters: null, points: null, places: new Map() };

  async function recolor() {
    const { colorBy } = look.get();
    const { theme } = project.store.get();
    try {
      const values = project.store.get().fields[colorBy] ?? (await project.field(colorBy));
      if (look.get().colorBy !== colorBy) return;
      if (values.length !== map.scene.positions.length >> 1) return;
      colored = values;
      const byNumber = colorBy === "confidence" || colorBy === "disagreement";
      const none = colorBy === "cluster" ? NO_CLUSTER : EXCLUDED;
      map.setColors(
        byNumber ? scaleIndices(values) : classIndices(values, none),
        paletteOf(colorBy === "disagreement" ? "contrast" : byNumber ? "scale" : "classes", theme),
      );
      area.dataset.colorBy = colorBy;
    } catch (error) {
      complain(error);
    }
  }

  function retheme() {
    const paper = themeColor("map");
    map.setTheme({
      ink: themeColor("ink").css, paper: paper.css, accent: themeColor("link").css,
      font: getComputedStyle(document.body).fontFamily,
    }, paper.rgb); // prettier-ignore
    recolor();
    sign();
  }

  /**
   * Give the colour of a cluster's sign: that of its points, where they have one.
   * @param {import("../../lib/protocol.js").ClusterInfo} info
   */
  function signColor({ cluster, label, truth }) {
    const { theme } = project.store.get();
    const { colorBy } = look.get();
    if (colorBy === "confidence" || colorBy === "disagreement") return themeColor("line-strong").css;
    const number = colorBy === "label" ? label : colorBy === "truth" ? truth : cluster;
    return css(number === null ? contrastColors(theme)[0] : classColor(number, theme));
  }

  function sign() {
    const { fields, map: data, clusters, centroids, images } = project.store.get();
    if (!fields.cluster || !data || !images) return;
    if (signed.clusters !== fields.cluster || signed.points !== data.points) {
      const places = signPlaces(fields.cluster, data.points);
      signed = { clusters: fields.cluster, points: data.points, places };
    }
    const { places } = signed;
    const { width, height } = images.dataset;
    map.setSigns(clusters.filter(({ cluster }) => places.has(cluster)).map((info) => {
      const [x, y] = /** @type {[number, number]} */ (places.get(info.cluster));
      const ink = themeColor("ink").rgb;
      return {
        x, y, text: project.className(info.label), color: signColor(info),
        picture: digit(centroids.get(info.cluster) ?? null, { width, height, ink }),
      };
    })); // prettier-ignore
  }

  function focus() {
    const { filter } = look.get();
    map.setFocus(bitsOfFilter(filter, clusterField()));
  }

  function ring() {
    const { picked, hovered } = look.get();
    map.setRings([...[...picked].slice(0, 200), ...(hovered >= 0 ? [hovered] : [])]);
  }

  function place() {
    const { map: data, images } = project.store.get();
    if (!data || !images) return;
    if (map.scene.positions !== data.points) map.setPositions(data.points);
    if (pictures !== images) {
      pictures = images;
      const { width, height } = images.atlas;
      map.setPictures([height, width], (index) => images.get(index));
      forget();
      forget = images.onLoad(() => map.showsDigits && map.invalidate());
    }
    retheme();
    focus();
  }
  /** @type {import("../../lib/images.js").Images | null} */
  let pictures = null;
  let forget = () => {};

  const ends = [
    project.store.on(["map", "images"], place),
    project.store.on(["theme"], retheme),
    project.store.on(["state"], renderMaps),
    project.store.on(["fields"], ({ fields }) => {
      if (fields[look.get().colorBy] !== colored) recolor();
      if (fields.cluster === signed.clusters) return;
      sign();
      focus();
    }),
    project.store.on(["clusters"], sign),
    look.on(["colorBy"], () => {
      colors.value = look.get().colorBy;
      recolor();
      sign();
    }),
    look.on(["filter"], focus),
    look.on(["picked", "hovered"], ring),
    look.on(["tool"], chooseTool),
  ];
  function chooseTool() {
    const { tool } = look.get();
    map.tool = tool;
    lasso.setAttribute("aria-pressed", String(tool === "lasso"));
    pan.setAttribute("aria-pressed", String(tool === "pan"));
    area.style.cursor = tool === "pan" ? "grab" : "crosshair";
  }
  chooseTool();
  renderMaps();
  place();

  return {
    element,
    map,
    destroy() {
      ends.forEach((end) => end());
      forget();
      hover.destroy();
      key.destroy();
      map.destroy();
    },
  };
}

/** @param {string} name @param {string} label @param {() => void} run */
function toolButton(name, label, run) {
  const button = h("button", { class: "icon-button", "aria-label": label, title: label, onclick: run });
  fill(button, icon(name));
  return button;
}
