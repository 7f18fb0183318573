// @ts-check
/** What is seen before a page can be: what the server is doing, or why it could not. */
import { fill, h } from "../lib/dom.js";
import { duration } from "../lib/format.js";

const SQUARES = 10;
/** News is shown so often: what is drawn without a GPU takes time from the work waited for. */
const SHOWN_MS = 250;

/**
 * @param {HTMLElement} root
 * @param {import("../lib/project.js").Project} project
 * @param {{failure?: {message: string, hint: string}}} what
 */
export function renderWaiting(root, project, { failure }) {
  if (failure) {
    fill(root, h("section", { class: "waiting", role: "alert" },
      h("p", { class: "waiting-digit", "aria-hidden": "true" }, "?"),
      h("h1", {}, "This did not work"),
      h("p", { class: "lead" }, failure.message),
      failure.hint && h("p", { class: "muted" }, failure.hint),
      h("div", { class: "row" },
        h("button", { class: "primary", onclick: () => location.reload() }, "Try again"),
        h("a", { class: "button", href: "/data" }, "Open other images")))); // prettier-ignore
    return;
  }
  const name = project.state?.dataset?.name;
  const progress = h("progress", { "aria-label": "Progress" });
  const squares = Array.from({ length: SQUARES }, () => h("i", {}));
  const stage = h("p", { class: "muted", "aria-live": "polite" }, "Reading images …");
  const section = h("section", { class: "waiting" },
    h("div", { class: "waiting-digits", "aria-hidden": "true" }, squares),
    h("h1", {}, name ? `Sorting the digits of ${name}` : "Opening"),
    h("p", { class: "lead" }, "Clusters and the map are computed here and now, on this machine."),
    progress, stage); // prettier-ignore
  fill(root, section);
  let [shownAt, lit] = [-Infinity, 0];
  const off = project.store.on(["jobs", "state"], ({ jobs }) => {
    if (!section.isConnected) return off();
    const job = jobs.find(({ status }) => status === "running");
    if (!job || performance.now() - shownAt < SHOWN_MS) return;
    shownAt = performance.now();
    lit = (lit % SQUARES) + 1;
    squares.forEach((square, at) => square.classList.toggle("lit", at < lit));
    stage.textContent = [job.title, job.stage, duration(job.seconds)].filter(Boolean).join(" · ");
    if (job.step !== null && job.of) progress.value = job.step / job.of;
    else progress.removeAttribute("value");
  });
}
