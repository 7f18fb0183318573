// @ts-check
/** Cluster: choose how, watch the centroids sharpen, find a k. */
import { fill, h } from "../../lib/dom.js";
import { getMenu } from "../../lib/menu.js";
import { guarded, notify } from "../../lib/notice.js";
import { clusterForm } from "./form.js";
import { livePanel, suggestPanel } from "./live.js";

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, { project, go }) {
  const live = livePanel(project, go);
  const place = h("div", {});
  /** @type {(k: number) => void} */
  let startWith = () => {};
  const suggest = suggestPanel(project, (k) => startWith(k));
  fill(root,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, "Cluster"),
      h("p", { class: "lead" }, "Group images that look alike. No label is used for it."))),
    h("div", { class: "cluster-grid" }, place, h("div", { class: "stack" }, live.element, suggest.element))); // prettier-ignore

  async function ready() {
    const menu = await getMenu();
    const form = clusterForm(menu, {
      n: project.store.get().images?.dataset.n ?? 2,
      async onStart(settings) {
        const job = await guarded(() => project.startJob("cluster", settings));
        if (job) live.follow(job.id);
      },
      async onSuggest(settings) {
        if (await guarded(() => project.startJob("suggest-k", settings))) {
          suggest.element.scrollIntoView({ block: "nearest" });
        }
      },
      async onMap(method) {
        if (await guarded(() => project.startJob("map", { method, seed: 0 }))) {
          notify("The map is drawn in the background; see Jobs");
        }
      },
    });
    startWith = form.startWith;
    fill(place, form.element);
  }
  return {
    ready: ready(),
    unmount() {
      live.destroy();
      suggest.destroy();
    },
  };
}
