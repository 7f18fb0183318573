// @ts-check
/** A running job: centroids that sharpen while it fits, its inertia, and what k is suggested. */
import { getBytes } from "../../lib/api.js";
import { lineChart } from "../../lib/chart.js";
import { digit, paint } from "../../lib/digit.js";
import { fill, h, say } from "../../lib/dom.js";
import { decimal } from "../../lib/format.js";
import { newestOnly } from "../../lib/newest.js";
import { guarded } from "../../lib/notice.js";
import { imagesOf } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";
import { isActive, jobElement } from "../../lib/job_view.js";

/** @typedef {import("../../lib/protocol.js").JobInfo} JobInfo */

/**
 * @param {import("../../lib/project.js").Project} project
 * @param {(name: string) => void} go
 */
export function livePanel(project, go) {
  const title = h("h2", {}, "Centroids");
  const status = h("ul", { class: "live-status" });
  const grid = h("div", { class: "live-centroids", "data-testid": "live-centroids" });
  const chart = h("div", {});
  const after = h("div", { class: "row" });
  const element = h("section", { class: "panel stack", "aria-label": "Live" }, title, status, grid, chart, after);
  /** @type {number | null} the job that is followed */
  let followed = null;
  /** @type {{x: number, y: number}[]} */
  let inertia = [];

  /** @param {Uint8Array[]} pictures */
  function show(pictures) {
    const { images } = project.store.get();
    if (!images) return;
    const { width, height } = images.dataset;
    const ink = themeColor("ink").rgb;
    while (grid.children.length > pictures.length) grid.lastElementChild?.remove();
    pictures.forEach((pixels, at) => {
      const there = grid.children[at];
      if (there instanceof HTMLCanvasElement) paint(there, pixels, width, height, ink);
      else grid.append(digit(pixels, { width, height, ink, label: `centroid ${at}` }));
    });
  }

  const fetchCentroids = newestOnly(async (/** @type {number} */ job) => {
    try {
      const { images } = project.store.get();
      const bytes = new Uint8Array(await getBytes(`/api/jobs/${job}/centroids`));
      if (images && job === followed) show(imagesOf(bytes, images.dataset.height * images.dataset.width));
    } catch {
      // the job ended between its frame and this question
    }
  });

  function showCurrent() {
    const { clusters, centroids } = project.store.get();
    show(clusters.flatMap(({ cluster }) => centroids.get(cluster) ?? []));
  }

  function renderJob() {
    const { jobs, state } = project.store.get();
    const job = jobs.find(({ id }) => id === followed) ?? jobs.find((one) => one.kind === "cluster" && isActive(one));
    if (job && job.id !== followed) follow(job.id);
    fill(status, job ? jobElement(job, project) : null);
    say(title, job && isActive(job) ? "Centroids, live" : "Centroids of the present run");
    const run = job?.status === "done" ? job.result?.run : null;
    fill(after, run !== null && run !== undefined && [
      run !== state?.run && h("button", { class: "primary", onclick: () => guarded(() => project.choose({ run })) }, "Switch to this run"),
      h("button", { class: run === state?.run ? "primary" : "", onclick: async () => {
        if (run !== project.state?.run) await guarded(() => project.choose({ run }));
        go("explore");
      } }, "Explore it"),
      h("button", { onclick: () => go("label") }, "Label it"),
    ]); // prettier-ignore
    if (!job || !isActive(job)) showIdle(job);
  }

  /** @param {JobInfo | undefined} job */
  function showIdle(job) {
    const result = job?.status === "done" ? job.result?.run : undefined;
    if (result === undefined || result === project.state?.run) showCurrent();
  }

  function renderChart() {
    fill(chart, inertia.length > 1 && [h("h3", {}, "Inertia"),
      lineChart(inertia, { label: `Inertia by iteration, now ${decimal(inertia[inertia.length - 1].y, 0)}`, format: short, height: 110 })]); // prettier-ignore
  }

  /** @param {number} id */
  function follow(id) {
    followed = id;
    inertia = [];
    renderChart();
  }

  const ends = [
    project.store.on(["jobs", "state"], renderJob),
    project.store.on(["clusters", "centroids", "theme"], renderJob),
    project.store.on(["frame"], ({ frame }) => {
      if (!frame || frame.job !== followed) return;
      if (Number.isFinite(frame.inertia)) inertia.push({ x: frame.step, y: frame.inertia });
      inertia = inertia.filter((point, at) => at === 0 || point.x > inertia[at - 1].x);
      renderChart();
      fetchCentroids(frame.job);
    }),
  ];
  renderJob();
  return {
    element,
    /** @param {number} id */
    follow(id) {
      follow(id);
      renderJob();
    },
    destroy: () => ends.forEach((end) => end()),
  };
}

/** @param {number} value */
function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)} G`;
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (size >= 1e3) return `${(value / 1e3).toFixed(0)} k`;
  return decimal(value, 2);
}

/**
 * Elbow, silhouette and stability by k; a click on a k starts that run.
 * @param {import("../../lib/project.js").Project} project
 * @param {(k: number) => void} onPick
 */
export function suggestPanel(project, onPick) {
  const element = h("section", { class: "panel stack", "aria-label": "Suggested k", hidden: true, "data-testid": "suggest-k" });

  function render() {
    const job = [...project.store.get().jobs].reverse().find(({ kind }) => kind === "suggest-k");
    element.hidden = !job;
    if (!job) return;
    const rows = /** @type {Record<string, number>[]} */ (job.result?.rows ?? []);
    const best = job.result?.suggested ?? null;
    const chart = (/** @type {string} */ key, /** @type {string} */ name, /** @type {(y: number) => string} */ format) => {
      const points = rows.filter((row) => Number.isFinite(row[key])).map((row) => ({ x: row.k, y: row[key] }));
      return h("div", {}, h("h3", {}, name), points.length
        ? lineChart(points, { label: `${name} by number of clusters`, format, best, onPick, pickLabel: "cluster with k =" })
        : h("p", { class: "muted small" }, "not yet")); // prettier-ignore
    };
    fill(element,
      h("h2", {}, best ? `Suggested: ${best} clusters` : "How many clusters?"),
      h("p", { class: "muted" }, job.result?.reason || "Each number is tried several times; a click on a point starts a run with so many clusters."),
      h("ul", { class: "live-status" }, isActive(job) || job.status === "failed" ? jobElement(job, project) : null),
      h("div", { class: "charts" }, chart("inertia", "Elbow", short),
        chart("silhouette", "Silhouette", (y) => y.toFixed(3)), chart("stability", "Stability", (y) => y.toFixed(2)))); // prettier-ignore
  }
  const end = project.store.on(["jobs", "theme"], render);
  render();
  return { element, destroy: end };
}
