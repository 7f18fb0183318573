// @ts-check
/** Long work: how far it is, how long it will take, a way to stop it, why it failed. */
import { fill, h } from "./dom.js";
import { decimal, duration } from "./format.js";
import { guarded } from "./notice.js";

/** @typedef {import("./protocol.js").JobInfo} JobInfo */

/** @param {JobInfo} job @returns {boolean} */
export function isActive(job) {
  return job.status === "queued" || job.status === "running";
}

/** @param {JobInfo} job @returns {number | null} 0 to 1; null where it is not known */
export function shareDone(job) {
  return job.step !== null && job.of ? Math.min(1, job.step / job.of) : null;
}

/** @param {JobInfo} job @returns {string} how it stands, in a line */
export function jobLine(job) {
  if (job.status === "queued") return "waits for the one before it";
  if (job.status === "done") return `done in ${duration(job.seconds)}`;
  if (job.status === "cancelled") return "stopped";
  if (job.status === "failed") return "failed";
  const left = job.seconds_left === null ? "" : `about ${duration(job.seconds_left)} left`;
  const inertia = job.inertia === null ? "" : `inertia ${decimal(job.inertia, 1)}`;
  return [job.stage || "running", inertia, duration(job.seconds), left].filter(Boolean).join(" · ");
}

/**
 * One job as an element that can be brought up to date.
 * @param {JobInfo} job @param {import("./project.js").Project} project
 */
export function jobElement(job, project) {
  const share = shareDone(job);
  const bar = isActive(job) && h("progress", { "aria-label": job.title });
  if (bar && share !== null) bar.value = share;
  return h("li", { class: `job ${job.status}`, "data-testid": "job", "data-status": job.status },
    h("div", { class: "job-head" }, h("strong", {}, job.title),
      isActive(job) && h("button", { class: "quiet", onclick: () => guarded(() => project.cancelJob(job.id)) }, "Stop")),
    bar,
    h("p", { class: "muted small" }, jobLine(job)),
    job.error && h("p", { class: "wrong-text" }, job.error.message),
    job.error?.hint && h("p", { class: "muted small" }, job.error.hint)); // prettier-ignore
}

/** @param {import("./project.js").Project} project @returns {HTMLElement} */
export function jobList(project) {
  const list = h("ul", { class: "jobs" });
  const render = () => {
    const jobs = [...project.store.get().jobs].reverse();
    fill(list, jobs.length ? jobs.map((job) => jobElement(job, project))
      : h("li", { class: "muted" }, "Nothing runs. Start something on Cluster or Compare.")); // prettier-ignore
  };
  render();
  const off = project.store.on(["jobs"], () => (list.isConnected ? render() : off()));
  return list;
}
