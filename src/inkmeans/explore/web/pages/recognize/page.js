// @ts-check
/** Recognize: draw, upload or paste a digit and see what the clusters make of it. */
import { postBytes, query } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { icon } from "../../lib/icons.js";
import { bind } from "../../lib/keyboard.js";
import { newestOnly } from "../../lib/newest.js";
import { complain, guarded, notify } from "../../lib/notice.js";
import { themeColor } from "../../lib/theme.js";
import { answerPanel } from "./answer.js";
import { exportPanel } from "./exports.js";
import { Pad, SENT_SIDE } from "../../lib/pad.js";

/** How long the pen rests before the nearest training images are asked for as well. */
const REST_MS = 140;

/**
 * @typedef {{pixels: Uint8Array, quick: boolean} | {file: Blob} | null} Question
 * @typedef {import("./answer.js").Answer} Answer
 */

/** @param {HTMLElement} root @param {import("../../app.js").App} app @returns {import("../../app.js").Mounted} */
export function mount(root, { project }) {
  const canvas = h("canvas", {
    class: "pad", "data-testid": "draw-canvas", tabindex: "0", role: "application",
    "aria-label": "Drawing area. Arrow keys draw, with Shift they move the pen, Escape clears.",
  }); // prettier-ignore
  const hint = h("p", { class: "pad-hint", "aria-hidden": "true" }, "draw a digit here");
  const answer = answerPanel(project);
  /** @type {Question} */
  let question = null;
  /** @type {Answer | null} */
  let last = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  const ask = newestOnly(async (/** @type {Question} */ now) => {
    try {
      if (!now) last = null;
      else if ("file" in now) last = await postBytes("/api/recognize/file", now.file);
      else {
        const asked = query({ width: SENT_SIDE, height: SENT_SIDE, neighbors: now.quick ? 0 : null });
        last = await postBytes(`/api/recognize${asked}`, now.pixels);
      }
      if (now === question) renderWrong();
      answer.show(last);
    } catch (error) {
      complain(error);
    }
  });

  const pad = new Pad(canvas, { ink: () => themeColor("ink").css, changed });
  function changed() {
    hint.hidden = !pad.isEmpty;
    question = pad.isEmpty ? null : { pixels: pad.pixels(), quick: true };
    ask(question);
    clearTimeout(resting);
    if (question) resting = setTimeout(askAll, REST_MS);
  }
  function askAll() {
    if (question && "pixels" in question) question = { ...question, quick: false };
    ask(question);
  }

  /** @param {Blob} file */
  function take(file) {
    pad.strokes = [];
    pad.redraw();
    hint.hidden = false;
    question = { file };
    clearTimeout(resting);
    ask(question);
  }

  const upload = h("input", { type: "file", accept: "image/*", hidden: true, "data-testid": "upload-image" });
  upload.addEventListener("change", () => {
    const [file] = upload.files ?? [];
    if (file) take(file);
    upload.value = "";
  });
  const wrong = h("div", { class: "row wrong-row", hidden: true });
  function renderWrong() {
    wrong.hidden = !last || last.blank;
    fill(wrong, h("span", { class: "muted" }, "Wrong? It is"), h("div", { class: "label-keys" },
      project.classes.map((name, label) => h("button", { class: "key", "aria-label": `It is ${name}`, onclick: () => correct(label) }, name)))); // prettier-ignore
  }

  /** @param {number} label */
  async function correct(label) {
    if (!question || !last) return notify("Draw a digit first");
    if (!project.className(label)) return;
    const asked = question;
    const size = "file" in asked ? { width: last.width, height: last.height } : { width: SENT_SIDE, height: SENT_SIDE };
    const pixels = "file" in asked ? Uint8Array.from(atob(last.seen), (letter) => letter.charCodeAt(0)) : asked.pixels;
    const done = await guarded(() => project.act(`/api/examples${query({ label, ...size })}`, pixels));
    if (!done) return;
    notify(`Learnt: this is ${project.className(label)}`, {
      action: { text: "Undo", run: () => guarded(() => project.undo()) },
    });
    askAll();
  }

  /** @param {ClipboardEvent} event */
  function paste(event) {
    const item = [...(event.clipboardData?.items ?? [])].find(({ type }) => type.startsWith("image/"));
    const file = item?.getAsFile();
    if (file) take(file);
  }
  document.addEventListener("paste", paste);
  const stage = h("div", { class: "pad-frame" }, canvas, hint);
  stage.addEventListener("dragover", (event) => event.preventDefault());
  stage.addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) take(file);
  });

  fill(root,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, "Recognize"),
      h("p", { class: "lead" }, "Draw, drop or paste a digit: the clusters that you named say what it is."))),
    h("div", { class: "recognize-grid" },
      h("section", { class: "panel", "aria-label": "Draw" }, stage,
        h("div", { class: "row pad-tools" },
          h("button", { onclick: () => pad.clear() }, icon("eraser"), "Clear"),
          h("button", { onclick: () => pad.undo() }, icon("undo"), "Last stroke"),
          h("button", { onclick: () => upload.click() }, "Upload"), upload),
        wrong),
      answer.element, exportPanel(project))); // prettier-ignore

  const unbind = bind([
    ...Array.from({ length: 10 }, (_, digit) => ({
      keys: [String(digit)], shown: "0 – 9", text: digit ? "" : "Say what the drawn digit really is",
      run: () => correct(digit),
    })),
    { keys: ["escape", "backspace", "delete"], shown: "Esc", text: "Clear the drawing", run: () => pad.clear() },
  ]); // prettier-ignore
  const ends = [
    project.store.on(["theme"], () => (pad.redraw(), answer.show(last))),
    // Other names, or another run: the same drawing may be something else now.
    project.store.on(["changes", "clustersRun"], () => question && askAll()),
  ];
  return {
    ready: Promise.resolve(),
    unmount() {
      unbind();
      clearTimeout(resting);
      ends.forEach((end) => end());
      document.removeEventListener("paste", paste);
    },
  };
}
