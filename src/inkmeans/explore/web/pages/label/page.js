// @ts-check
/** Label: cluster after cluster by one key each, then the borderline images, then an audit. */
import { getJson, query } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { plural, whole } from "../../lib/format.js";
import { bind } from "../../lib/keyboard.js";
import { guarded, notify } from "../../lib/notice.js";
import { createStore } from "../../lib/store.js";
import { centroid } from "../../lib/tiles.js";
import { progressPanel } from "./progress.js";
import { auditCard, borderlineCard, clusterCard, doneCard } from "./tasks.js";

/**
 * @typedef {"clusters" | "borderline" | "audit"} Mode
 * @typedef {{cluster: number, size: number, label: number | null, medoid: number, members: number[], confidence: number}} Item
 * @typedef {{items: Item[], borderline: number[]}} Queue
 * @typedef {{sample: {image: number, label: number | null, checked: number | null}[], checked: number, right: number,
 *   accuracy: number | null, low: number | null, high: number | null}} Audit
 *
 * @typedef {object} Desk
 * @property {Mode} mode
 * @property {Queue | null} queue
 * @property {Audit | null} audit
 * @property {number | null} cluster the cluster in front; null: the first without a name
 * @property {Set<number>} skipped clusters put back for later
 * @property {Set<number>} seen borderline images that were passed over
 */

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, { project, go }) {
  const desk = createStore(/** @type {Desk} */ ({
    mode: "clusters", queue: null, audit: null, cluster: null, skipped: new Set(), seen: new Set(),
  })); // prettier-ignore
  const task = h("section", { class: "panel task", "aria-live": "polite", "data-testid": "task" });
  const list = h("ol", { class: "queue", "aria-label": "Clusters in turn" });
  const tabs = h("div", { class: "segments", role: "group", "aria-label": "What to label" });
  const side = progressPanel(project, desk);
  fill(root,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, "Label"),
      h("p", { class: "lead" }, "A key names a whole cluster. What is between two clusters comes one by one.")), tabs),
    h("div", { class: "label-grid" }, list, task, side.element)); // prettier-ignore

  /** @returns {Item | null} */
  function current() {
    const { queue, cluster, skipped } = desk.get();
    if (!queue) return null;
    const chosen = queue.items.find((item) => item.cluster === cluster);
    const open = queue.items.filter((item) => item.label === null);
    return chosen ?? open.find((item) => !skipped.has(item.cluster)) ?? open[0] ?? null;
  }

  /** @returns {number | null} the borderline image, or that of the audit, in front */
  function currentImage() {
    const { mode, queue, audit, seen } = desk.get();
    if (mode === "borderline") return queue?.borderline.find((image) => !seen.has(image)) ?? null;
    if (mode === "audit") return audit?.sample.find(({ checked }) => checked === null)?.image ?? null;
    return null;
  }

  async function load() {
    const run = project.state?.run;
    const [queue, audit] = await Promise.all([getJson(`/api/queue${query({ run })}`), getJson("/api/audit?size=100")]);
    desk.set({ queue, audit });
  }

  /** @param {() => Promise<any>} act @param {string} said */
  async function act(act, said) {
    if ((await guarded(act)) === undefined) return;
    await guarded(load);
    notify(said, { action: { text: "Undo", run: () => guarded(() => project.undo()) } });
  }

  /** @param {number} label */
  function label(label) {
    const { mode } = desk.get();
    const name = project.className(label);
    if (!name && label !== 255) return notify(`There is no class ${label}`, { kind: "wrong" });
    if (mode === "clusters") {
      const item = current();
      if (!item) return;
      desk.set({ cluster: null });
      return act(() => project.labelCluster(item.cluster, label), `${plural(item.size, "image")}: ${name}`);
    }
    const image = currentImage();
    if (image === null) return;
    if (mode === "audit") return act(() => project.audit(image, label), name ? `Checked: ${name}` : "Checked: cannot tell");
    return act(() => project.labelImage(image, label), `Image ${image}: ${name}`);
  }

  function skip() {
    const { mode, skipped, seen } = desk.get();
    const item = current();
    const image = currentImage();
    if (mode === "clusters" && item) desk.set({ skipped: new Set([...skipped, item.cluster]), cluster: null });
    else if (mode === "borderline" && image !== null) desk.set({ seen: new Set([...seen, image]) });
    else if (mode === "audit") label(255);
  }

  function split() {
    const item = current();
    if (desk.get().mode !== "clusters" || !item) return;
    act(() => project.split(item.cluster, 2), `Split cluster ${item.cluster}`);
  }

  function exclude() {
    const item = current();
    const image = currentImage();
    if (desk.get().mode === "clusters" && item) {
      act(() => project.excludeCluster(item.cluster, true), `Excluded ${plural(item.size, "image")}`);
    } else if (desk.get().mode === "borderline" && image !== null) {
      act(() => project.act(`/api/actions/exclude${query({ value: 1, image })}`), `Excluded image ${image}`);
    }
  }

  const choose = (/** @type {Mode} */ mode) => desk.set({ mode });
  const ways = { label, skip, split, exclude, go, choose };

  function render() {
    const { mode, queue, audit } = desk.get();
    const modes = /** @type {[Mode, string, number][]} */ ([
      ["clusters", "Clusters", queue?.items.filter(({ label }) => label === null).length ?? 0],
      ["borderline", "Borderline", queue?.borderline.length ?? 0],
      ["audit", "Audit", (audit?.sample.length ?? 0) - (audit?.checked ?? 0)],
    ]);
    fill(tabs, modes.map(([name, text, left]) =>
      h("button", { "aria-pressed": String(name === mode), "data-mode": name, onclick: () => desk.set({ mode: name }) },
        text, h("span", { class: "count" }, whole(left))))); // prettier-ignore
    list.hidden = mode !== "clusters";
    task.classList.toggle("alone", mode !== "clusters");
    renderList();
    if (!queue || !audit) return fill(task, h("p", { class: "empty" }, "One moment …"));
    const item = current();
    const image = currentImage();
    if (mode === "clusters") fill(task, item ? clusterCard(project, item, ways) : doneCard(project, "clusters", ways));
    else if (image === null) fill(task, doneCard(project, mode, ways));
    else fill(task, mode === "audit" ? auditCard(project, image, audit, ways) : borderlineCard(project, image, ways));
  }

  function renderList() {
    const { queue } = desk.get();
    const now = current()?.cluster;
    fill(list, (queue?.items ?? []).map(({ cluster, size, label: named }) =>
      h("li", {}, h("button", {
        class: "queue-item", "aria-current": cluster === now ? "true" : null, "data-cluster": String(cluster),
        onclick: () => desk.set({ cluster }),
      },
        centroid(project, cluster, "digit"),
        h("span", {}, whole(size)),
        h("strong", {}, project.className(named) || "?"))))); // prettier-ignore
  }

  const unbind = bind([
    ...Array.from({ length: 10 }, (_, digit) => ({
      keys: [String(digit)], shown: "0 – 9", run: () => label(digit),
      text: digit ? "" : "Name the cluster, or label the image, in front",
    })),
    { keys: [" ", "arrowright"], shown: "Space", text: "Later; in the audit: cannot tell", run: skip },
    { keys: ["s"], text: "Split a mixed cluster", run: split },
    { keys: ["x"], text: "Exclude", run: exclude },
  ]); // prettier-ignore
  const ends = [
    desk.on(["mode", "queue", "audit", "cluster", "skipped", "seen"], render),
    project.store.on(["changes"], () => guarded(load)),
    project.store.on(["theme", "centroids"], render),
  ];
  render();
  return {
    ready: Promise.all([load(), project.fieldsOf("cluster", "second", "label", "confidence")]).then(render),
    unmount() {
      unbind();
      side.destroy();
      ends.forEach((end) => end());
    },
  };
}
