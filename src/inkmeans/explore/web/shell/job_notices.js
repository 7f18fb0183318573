// @ts-check
/** Says when long work is done or has failed, and offers its result. */
import { guarded, notify } from "../lib/notice.js";

/** @param {import("../lib/project.js").Project} project */
export function followJobs(project) {
  /** @type {Map<number, string>} how each job stood when last seen */
  let before = new Map();
  project.store.on(["jobs"], ({ jobs }) => {
    for (const job of jobs) {
      const was = before.get(job.id);
      // What had ended before the page was opened is no news.
      if ((was === "running" || was === "queued") && was !== job.status) tell(project, job);
    }
    before = new Map(jobs.map(({ id, status }) => [id, status]));
  });
}

/** @param {import("../lib/project.js").Project} project @param {import("../lib/protocol.js").JobInfo} job */
function tell(project, job) {
  if (job.status === "failed") {
    const { message, hint } = job.error ?? { message: `${job.title} failed`, hint: "" };
    notify(`${job.title}: ${message}`, { hint, kind: "wrong" });
  }
  if (job.status !== "done") return;
  const { run, map } = job.result ?? {};
  const which = job.kind === "cluster" && run !== undefined ? { run } : job.kind === "map" && map !== undefined ? { map } : null;
  const shown = which && (("run" in which && which.run === project.state?.run) || ("map" in which && which.map === project.state?.map));
  if (!which || shown) return notify(`${job.title}: done`);
  notify(`${job.title}: done`, {
    action: { text: "Switch to it", run: () => guarded(() => project.choose(which)) },
  });
}
