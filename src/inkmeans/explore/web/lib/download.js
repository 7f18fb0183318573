// @ts-check
/** Saving files that the server makes; a refusal is shown on the page instead of leaving it. */
import { getFile } from "./api.js";
import { h } from "./dom.js";
import { guarded, notify } from "./notice.js";

const KEPT_MS = 60_000;

/** @param {string} path @param {string} name the file's name */
export async function download(path, name) {
  notify(`Preparing ${name} …`);
  await guarded(async () => {
    const address = URL.createObjectURL(await getFile(path));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  });
}
