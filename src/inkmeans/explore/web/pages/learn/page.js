// @ts-check
/** Learn: k-means step by step on real digits. */
import { getBytes, getJson, query } from "../../lib/api.js";
import { lineChart } from "../../lib/chart.js";
import { digit } from "../../lib/digit.js";
import { fill, h } from "../../lib/dom.js";
import { decimal, whole } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { bind } from "../../lib/keyboard.js";
import { classColor, css } from "../../lib/palette.js";
import { createStore } from "../../lib/store.js";
import { themeColor } from "../../lib/theme.js";
import { drawDialog } from "./draw.js";
import { assign, imageAt, inertiaOf, planeOf, project as onPlane, update } from "./kmeans.js";
import { lessonOf, meaning } from "./lessons.js";
import { planeView } from "./plane.js";

const N = 300;
const K = 10;
const BEAT_MS = 550;

/**
 * @typedef {{name: string, title: string, places: number[]}} Start
 *
 * @typedef {object} Course
 * @property {Float32Array} centroids
 * @property {Uint8Array | null} labels null before the first assignment
 * @property {"assign" | "update" | "done"} next
 * @property {number[]} inertia after each half step
 * @property {number} chosen the centroid that one moves or draws
 * @property {string} start
 * @property {number} moved images that changed their cluster at the last assignment
 */

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, { project }) {
  const { images } = project.store.get();
  if (!images) throw new Error("no images are open");
  const { width, height } = images.dataset;
  const course = createStore(/** @type {Course} */ ({
    centroids: new Float32Array(0), labels: null, next: "assign", inertia: [], chosen: 0, start: "random", moved: 0,
  })); // prettier-ignore
  /** @type {import("./kmeans.js").Sample} */
  let sample = { rows: new Float32Array(0), n: 0, d: width * height };
  /** @type {Start[]} */
  let starts = [];
  /** @type {import("./kmeans.js").Plane | null} */
  let plane = null;
  /** @type {number[]} the sample's true classes, where they are known */
  let truth = [];
  let beat = 0;

  const theme = () => project.store.get().theme;
  const view = planeView({
    size: [height, width], theme,
    onMove: (c, x, y) => plane && replace(c, imageAt(plane, x, y)),
    onChoose: (chosen) => course.set({ chosen }),
  }); // prettier-ignore
  const startField = h("select", { "aria-label": "Start", "data-testid": "learn-start" });
  startField.addEventListener("change", () => begin(startField.value));
  const assignButton = h("button", { onclick: () => step("assign") }, "1  Assign");
  const updateButton = h("button", { onclick: () => step("update") }, "2  Update");
  const play = h("button", { class: "primary", onclick: () => toggle() }, icon("play"), "Run");
  const inertia = h("div", { "data-testid": "learn-inertia" });
  const lesson = h("div", { class: "lesson", "aria-live": "polite" });
  const faces = h("div", { class: "learn-centroids" });
  fill(root,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, "Learn"),
      h("p", { class: "lead" }, `k-means on ${N} real digits, half a step at a time. Drag a centroid to a start of your own.`)),
      h("label", { class: "inline" }, h("span", {}, "Start"), startField)),
    h("div", { class: "learn-grid" },
      h("section", { class: "panel stack", "aria-label": "Sample" }, view.element,
        h("div", { class: "row" }, assignButton, updateButton, play,
          h("button", { onclick: () => begin(course.get().start) }, "Start again"),
          h("button", { onclick: draw }, "Draw this centroid"))),
      h("aside", { class: "stack" },
        h("section", { class: "panel stack", "aria-label": "What happens" }, lesson, inertia),
        h("section", { class: "panel", "aria-label": "Centroids" }, h("h2", {}, "Centroids"), faces)))); // prettier-ignore

  /** @param {string} name */
  function begin(name) {
    stop();
    const found = starts.find((one) => one.name === name) ?? starts[0];
    const centroids = new Float32Array(K * sample.d);
    found.places.forEach((place, c) =>
      centroids.set(sample.rows.subarray(place * sample.d, (place + 1) * sample.d), c * sample.d)); // prettier-ignore
    course.set({ centroids, labels: null, next: "assign", inertia: [], start: found.name, moved: 0 });
  }

  /** @param {number} c @param {Float32Array} image */
  function replace(c, image) {
    stop();
    const centroids = course.get().centroids.slice();
    centroids.set(image, c * sample.d);
    course.set({ centroids, next: "assign" });
  }

  /** @param {"assign" | "update"} which */
  function step(which) {
    const { centroids, labels, inertia: past } = course.get();
    if (which === "assign") {
      const result = assign(sample, centroids);
      const moved = labels ? result.labels.reduce((sum, label, i) => sum + Number(label !== labels[i]), 0) : sample.n;
      course.set({ labels: result.labels, moved, next: moved ? "update" : "done", inertia: [...past, result.inertia] });
    } else if (labels) {
      const next = update(sample, centroids, labels);
      course.set({ centroids: next, next: "assign", inertia: [...past, inertiaOf(sample, next, labels)] });
    }
  }

  function stop() {
    clearInterval(beat);
    beat = 0;
    fill(play, icon("play"), "Run");
  }
  function toggle() {
    if (beat) return stop();
    if (course.get().next === "done") begin(course.get().start);
    fill(play, "Pause");
    beat = setInterval(() => {
      const { next } = course.get();
      if (next === "done") stop();
      else step(next);
    }, BEAT_MS);
  }

  function draw() {
    const { chosen } = course.get();
    drawDialog(chosen, [height, width], (image) => replace(chosen, image));
  }

  function render() {
    const { centroids, labels, next, chosen, inertia: past, moved, start } = course.get();
    if (!plane || !centroids.length) return;
    const { d } = sample;
    const pictures = Array.from({ length: K }, (_, c) => Uint8Array.from(centroids.subarray(c * d, (c + 1) * d)));
    const at = plane;
    view.show({ labels, chosen, faces: pictures,
      centroids: pictures.map((_, c) => onPlane(at, centroids, c * d)) }); // prettier-ignore
    assignButton.disabled = next !== "assign";
    updateButton.disabled = next !== "update";
    startField.value = start;
    fill(faces, pictures.map((pixels, c) => face(c, pixels, labels, chosen)));
    fill(lesson, lessonOf({ next, moved, n: sample.n, steps: past.length, start }),
      next === "done" && labels && meaning(labels, truth, images?.dataset.classes ?? [])); // prettier-ignore
    const points = past.map((y, i) => ({ x: i + 1, y }));
    fill(inertia, h("h3", {}, past.length ? `Inertia ${short(past[past.length - 1])}` : "Inertia"),
      points.length > 1 ? lineChart(points, { label: `Inertia after ${points.length} half steps`, format: short, height: 120 })
        : h("p", { class: "muted small" }, "The sum of squared distances of images to their centroid. It never rises.")); // prettier-ignore
    root.dataset.next = next;
    root.dataset.steps = String(past.length);
  }

  /** @param {number} c @param {Uint8Array} pixels @param {Uint8Array | null} labels @param {number} chosen */
  function face(c, pixels, labels, chosen) {
    const count = labels ? labels.reduce((sum, label) => sum + Number(label === c), 0) : 0;
    const button = h("button", {
      class: "learn-centroid", "aria-pressed": String(c === chosen), "aria-label": `Centroid ${c}${labels ? `, ${count} images` : ""}`,
      onclick: () => course.set({ chosen: c }),
    }, digit(pixels, { width, height, ink: themeColor("ink").rgb }), labels ? whole(count) : `#${c}`); // prettier-ignore
    button.style.setProperty("--tone", css(classColor(c, theme())));
    return button;
  }

  async function ready() {
    const asked = query({ n: N, seed: 0 });
    const [indices, axes, choices] = await Promise.all([
      getBytes(`/api/learn/sample${asked}`).then((bytes) => new Uint32Array(bytes)),
      getBytes(`/api/learn/plane${asked}`).then((bytes) => planeOf(new Float32Array(bytes))),
      getJson(`/api/learn/starts${query({ n: N, seed: 0, k: K })}`),
    ]);
    const pictures = (await images?.full([...indices])) ?? [];
    const d = width * height;
    const rows = new Float32Array(pictures.length * d);
    pictures.forEach((pixels, i) => rows.set(pixels, i * d));
    sample = { rows, n: pictures.length, d };
    plane = axes;
    starts = choices.starts;
    const known = await project.field("truth").catch(() => null);
    truth = known ? [...indices].map((index) => known[index]) : [];
    fill(startField, starts.map(({ name, title }) => h("option", { value: name }, title)));
    view.show({ pictures, places: pictures.map((_, i) => onPlane(axes, rows, i * d)) });
    begin(starts[0].name);
    render();
  }

  const unbind = bind([
    ...Array.from({ length: K }, (_, c) => ({
      keys: [String(c)], shown: "0 – 9", text: c ? "" : "Choose a centroid", run: () => course.set({ chosen: c }),
    })),
    { keys: ["a"], text: "Assign", run: () => course.get().next === "assign" && step("assign") },
    { keys: ["u"], text: "Update", run: () => course.get().next === "update" && step("update") },
    { keys: ["r"], text: "Run or pause", run: toggle },
    { keys: ["b"], text: "Start again", run: () => begin(course.get().start) },
    { keys: ["d"], text: "Draw the chosen centroid", run: draw },
  ]); // prettier-ignore
  const ends = [
    course.on(["centroids", "labels", "next", "inertia", "chosen", "start"], render),
    project.store.on(["theme"], render),
  ];
  return {
    ready: ready(),
    unmount() {
      stop();
      unbind();
      view.destroy();
      ends.forEach((end) => end());
    },
  };
}

/** @param {number} value */
function short(value) {
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : decimal(value, 0);
}
