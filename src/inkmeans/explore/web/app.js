// @ts-check
/** The application: finds the page of an address, shows it once what it needs is there. */
import { fill, h } from "./lib/dom.js";
import { bind, startKeyboard } from "./lib/keyboard.js";
import { guarded, notify, placeNotices } from "./lib/notice.js";
import { Project } from "./lib/project.js";
import { ROUTES, routeOf } from "./lib/routes.js";
import { applyTheme, currentTheme, onSystemTheme } from "./lib/theme.js";
import { mountHeader } from "./shell/header.js";
import { openHelp } from "./shell/help.js";
import { followJobs } from "./shell/job_notices.js";
import { renderWaiting } from "./shell/waiting.js";

/**
 * What a page is given.
 *
 * @typedef {object} App
 * @property {Project} project
 * @property {(name: string) => void} go to another page
 * @property {(error: unknown) => void} fail shows the page as failed
 *
 * What a page gives back.
 *
 * @typedef {object} Mounted
 * @property {Promise<any>} ready settled when the page can be used
 * @property {() => void} unmount
 */

/** @type {Record<string, () => Promise<{mount: (root: HTMLElement, app: App) => Mounted}>>} */
const PAGES = {
  data: () => import("./pages/data/page.js"),
  cluster: () => import("./pages/cluster/page.js"),
  explore: () => import("./pages/explore/page.js"),
  label: () => import("./pages/label/page.js"),
  recognize: () => import("./pages/recognize/page.js"),
  compare: () => import("./pages/compare/page.js"),
  learn: () => import("./pages/learn/page.js"),
};

const page = /** @type {HTMLElement} */ (document.getElementById("page"));
const project = new Project();
/** @type {{key: string, unmount: () => void} | null} */
let shown = null;
let turn = 0;

/** @param {"loading" | "ready" | "failed"} state */
function setState(state) {
  document.documentElement.dataset.state = state;
}

/** @param {unknown} error */
function fail(error) {
  const said = /** @type {{message?: string, hint?: string}} */ (error ?? {});
  shown?.unmount();
  shown = null;
  renderWaiting(page, project, {
    failure: { message: said.message ?? String(error), hint: said.hint ?? "" },
  });
  setState("failed");
}

/** @param {import("./lib/routes.js").Route} route @returns {boolean} */
function hasWhatItNeeds(route) {
  const { state, images, clustersRun, map } = project.store.get();
  if (route.needs === "nothing") return state !== null;
  if (!state || !images) return false;
  if (route.needs === "images") return true;
  if (state.run === null || clustersRun !== state.run) return false;
  return route.needs === "run" || map !== null;
}

/** Show the page of the present address, or what there is to wait for. */
async function render() {
  const route = routeOf(location.pathname);
  const { state, failure, images } = project.store.get();
  const needed = hasWhatItNeeds(route);
  // Other images are another page, but for the one that opens them; another run is not.
  const key = route.needs === "nothing" ? route.name : `${route.name} ${images?.dataset.id}`;
  if (shown?.key === key) return;
  if (!needed) {
    if (failure) return fail(failure);
    shown?.unmount();
    shown = null;
    setState("loading");
    if (state) renderWaiting(page, project, {});
    return;
  }
  const mine = ++turn;
  shown?.unmount();
  shown = null;
  setState("loading");
  document.title = `${route.title} – inkmeans`;
  try {
    const { mount } = await PAGES[route.name]();
    if (mine !== turn) return;
    const root = h("div", { class: `page page-${route.name}` });
    fill(page, root);
    const mounted = mount(root, { project, go, fail });
    shown = { key, unmount: mounted.unmount };
    await mounted.ready;
    if (mine === turn) setState("ready");
    project.store.get().images?.start();
  } catch (error) {
    if (mine === turn) fail(error);
  }
}

/** @param {string} name */
function go(name) {
  if (location.pathname !== `/${name}`) history.pushState(null, "", `/${name}`);
  project.store.set({ changes: project.store.get().changes + 1 });
  render();
  page.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function bindKeys() {
  startKeyboard();
  const undo = () => history_(() => project.undo(), "undo", "Undone");
  const redo = () => history_(() => project.redo(), "redo", "Done again");
  bind([
    { keys: ["mod+z", "z"], shown: "Z or Ctrl+Z", text: "Undo", run: undo },
    { keys: ["mod+shift+z", "mod+y", "y"], shown: "Y or Ctrl+Y", text: "Do again", run: redo },
    { keys: ["?"], text: "Keys of this page", run: () => openHelp() },
    ...ROUTES.map((route, at) => ({
      keys: [`alt+${at + 1}`], shown: `Alt+${at + 1}`, text: `Go to ${route.title}`,
      run: () => go(route.name),
    })),
  ]); // prettier-ignore
}

/** @param {() => Promise<any>} act @param {"undo" | "redo"} way @param {string} word */
async function history_(act, way, word) {
  const what = project.state?.[way].what;
  if (!project.state?.[way].depth) return notify(`Nothing to ${way === "undo" ? "undo" : "do again"}`);
  if (await guarded(act)) notify(`${word}: ${what}`);
}

function start() {
  applyTheme(currentTheme());
  onSystemTheme(() => {
    applyTheme(currentTheme());
    project.store.set({ theme: currentTheme() });
  });
  placeNotices(/** @type {HTMLElement} */ (document.getElementById("notices")));
  const header = /** @type {HTMLElement} */ (document.getElementById("header"));
  mountHeader(header, project, { go, undo: () => history_(() => project.undo(), "undo", "Undone"),
    redo: () => history_(() => project.redo(), "redo", "Done again") }); // prettier-ignore
  bindKeys();
  followJobs(project);
  window.addEventListener("popstate", () => {
    project.store.set({ changes: project.store.get().changes + 1 });
    render();
  });
  project.store.on(["state", "images", "clusters", "map", "failure"], render);
  PAGES[routeOf(location.pathname).name]().catch(() => {}); // fetched while the state is read
  project.start().catch(fail);
}

start();
