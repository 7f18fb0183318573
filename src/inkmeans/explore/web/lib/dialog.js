// @ts-check
/** Dialogs: the browser's own, with our heading and a way out. */
import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Show a dialog; it leaves the page when it is closed.
 * @param {string} title
 * @param {(close: () => void) => (Node | null | false)[]} content
 * @param {{wide?: boolean, testid?: string}} [how]
 * @returns {Promise<void>} done when it is closed
 */
export function openDialog(title, content, { wide = false, testid } = {}) {
  return new Promise((done) => {
    const dialog = h("dialog", {
      class: wide ? "dialog wide" : "dialog", "aria-label": title, "data-testid": testid,
    }); // prettier-ignore
    const close = () => dialog.close();
    dialog.append(
      h("header", {}, h("h2", {}, title),
        h("button", { class: "icon-button", "aria-label": "Close", onclick: close }, icon("close"))),
      h("div", { class: "dialog-body" }, content(close)),
    ); // prettier-ignore
    dialog.addEventListener("close", () => {
      dialog.remove();
      done();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close(); // a click beside it
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
