// @ts-check
/** The header of every page: project, images, pages, run, jobs, undo and redo. */
import { openDialog } from "../lib/dialog.js";
import { digit } from "../lib/digit.js";
import { fill, h } from "../lib/dom.js";
import { whole } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { guarded } from "../lib/notice.js";
import { ROUTES, routeOf } from "../lib/routes.js";
import { applyTheme, chooseTheme, currentTheme, themeColor } from "../lib/theme.js";
import { openHelp } from "./help.js";
import { isActive, jobList, shareDone } from "../lib/job_view.js";

/**
 * @typedef {import("../lib/project.js").Project} Project
 * @typedef {{go: (name: string) => void, undo: () => void, redo: () => void}} Ways
 */

/** @param {HTMLElement} root @param {Project} project @param {Ways} ways */
export function mountHeader(root, project, ways) {
  const brand = h("a", { class: "brand", href: "/explore", "aria-label": "inkmeans" });
  const nav = h("nav", { "aria-label": "Pages" });
  const picker = runPicker(project);
  const jobs = h("button", { class: "jobs-button", "data-testid": "jobs" });
  jobs.addEventListener("click", () => openDialog("Jobs", () => [jobList(project)], { testid: "job-list" }));
  const undo = tool("undo", "Undo", ways.undo);
  const redo = tool("redo", "Do again", ways.redo);
  const theme = tool("moon", "Dark theme", () => {
    const next = currentTheme() === "dark" ? "light" : "dark";
    chooseTheme(next);
    applyTheme(next);
    project.store.set({ theme: next });
  });
  const line = h("p", { class: "offline", role: "alert", hidden: true },
    "The server does not answer. What you did is safe; waiting for it to come back …"); // prettier-ignore
  fill(root,
    h("div", { class: "header-row" }, brand, nav,
      h("div", { class: "tools" }, picker, jobs, undo, redo, theme, tool("help", "Keys", openHelp))),
    line); // prettier-ignore

  root.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ways.go(link.pathname.slice(1));
  });

  const { store } = project;
  store.on(["state", "clusters", "theme"], () => renderBrand(brand, project));
  store.on(["changes", "state"], () => renderNav(nav));
  store.on(["state"], ({ state }) => {
    describe(undo, state?.undo, "Undo");
    describe(redo, state?.redo, "Do again");
  });
  const renderTheme = () => {
    const dark = store.get().theme === "dark";
    fill(theme, icon(dark ? "sun" : "moon"));
    theme.title = dark ? "Light theme" : "Dark theme";
    theme.setAttribute("aria-label", theme.title);
  };
  store.on(["theme"], renderTheme);
  renderTheme();
  store.on(["jobs"], () => renderJobs(jobs, project));
  store.on(["connected"], ({ connected }) => (line.hidden = connected));
  renderBrand(brand, project);
  renderNav(nav);
  renderJobs(jobs, project);
}

/** @param {string} name @param {string} label @param {() => void} run */
function tool(name, label, run) {
  return h("button", { class: "icon-button", "aria-label": label, title: label, onclick: run }, icon(name));
}

/** @param {HTMLButtonElement} button @param {{depth: number, what: string} | undefined} history @param {string} word */
function describe(button, history, word) {
  const text = history?.depth ? `${word}: ${history.what}` : `Nothing to ${word.toLowerCase()}`;
  button.disabled = !history?.depth;
  button.title = text;
  button.setAttribute("aria-label", text);
}

/** @param {HTMLElement} brand @param {Project} project */
function renderBrand(brand, project) {
  const { state, clusters, centroids } = project.store.get();
  const dataset = state?.dataset;
  const picture = clusters.length ? (centroids.get(clusters[0].cluster) ?? null) : null;
  const name = h("span", { class: "brand-text" },
    h("strong", {}, "inkmeans"),
    h("small", { title: state ? `Project ${state.project.path}` : "" }, dataset
      ? `${dataset.name} · ${whole(dataset.n)} · ${state?.project.name}` : "opening …")); // prettier-ignore
  const mark = dataset && picture
    ? digit(picture, { width: dataset.width, height: dataset.height, ink: themeColor("ground").rgb })
    : null;
  fill(brand, h("span", { class: "brand-mark" }, mark), name);
}

/** @param {HTMLElement} nav */
function renderNav(nav) {
  const here = routeOf(location.pathname).name;
  fill(nav, ROUTES.map(({ name, title }) =>
    h("a", { href: `/${name}`, "aria-current": name === here ? "page" : null }, title))); // prettier-ignore
  // On a narrow screen the pages scroll sideways; the present one is brought into view.
  const current = nav.querySelector("[aria-current]");
  if (!(current instanceof HTMLElement)) return;
  // In the next frame, for which the layout is worked out anyway.
  requestAnimationFrame(() => {
    nav.scrollLeft = current.offsetLeft - (nav.clientWidth - current.offsetWidth) / 2;
  });
}

/** @param {Project} project */
function runPicker(project) {
  const select = h("select", { class: "run-picker", "aria-label": "Run", "data-testid": "run-picker" });
  select.addEventListener("change", () => guarded(() => project.choose({ run: Number(select.value) })));
  project.store.on(["state"], ({ state }) => {
    const runs = state?.runs ?? [];
    select.disabled = runs.length === 0;
    fill(select, runs.length ? [...runs].reverse().map((run) =>
      h("option", { value: String(run.id) }, run.name)) : h("option", {}, "no run yet")); // prettier-ignore
    if (state?.run !== null && state?.run !== undefined) select.value = String(state.run);
  });
  return select;
}

/** @param {HTMLElement} button @param {Project} project */
function renderJobs(button, project) {
  const active = project.store.get().jobs.filter(isActive);
  const job = active[0];
  const share = job ? shareDone(job) : null;
  const text = job ? `${job.title}${active.length > 1 ? ` and ${active.length - 1} more` : ""}` : "Jobs";
  button.classList.toggle("busy", active.length > 0);
  button.setAttribute("aria-label", job ? `Jobs: ${text}` : "Jobs");
  button.title = text;
  const bar = job && h("progress", { "aria-label": text });
  if (bar && share !== null) bar.value = share;
  fill(button, h("span", {}, job ? text : "Jobs"), bar);
}
