// @ts-check
/** All keys that count on this page. */
import { openDialog } from "../lib/dialog.js";
import { h } from "../lib/dom.js";
import { bindings } from "../lib/keyboard.js";

export function openHelp() {
  const rows = bindings().filter(({ text }) => text);
  return openDialog("Keys", () => [
    h("dl", { class: "keys" }, rows.flatMap(({ keys, shown, text }) => [
      h("dt", {}, (shown ?? keys[0].toUpperCase()).split(/ (?=or )|(?<=or) /).map((part) =>
        part === "or" ? " or " : h("kbd", {}, part.trim().replace(/^or /, "")))),
      h("dd", {}, text),
    ])),
  ]); // prettier-ignore
}
