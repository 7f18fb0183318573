// @ts-check
/** Handing files to the server on this machine. */
import { postBytes, query } from "../../lib/api.js";

/** @typedef {import("../../lib/protocol.js").Upload} Upload */
/** @typedef {{path: string, file: File}} Named */

const AT_ONCE = 6;

/** @param {File} file @returns {Promise<Upload>} */
export function sendOne(file) {
  return postBytes(`/api/uploads${query({ name: file.name })}`, file);
}

/**
 * @param {Named[]} files
 * @param {(share: number) => void} onProgress
 * @returns {Promise<Upload>}
 */
export async function sendFiles(files, onProgress) {
  const { id } = await postBytes("/api/uploads", null);
  const rest = [...files];
  let done = 0;
  const worker = async () => {
    for (let next = rest.pop(); next; next = rest.pop()) {
      await postBytes(`/api/uploads/${id}/files${query({ path: next.path })}`, next.file);
      onProgress(++done / files.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return await postBytes(`/api/uploads/${id}/finish`, null);
  } catch (error) {
    await discard(id).catch(() => {}); // the first error says why; the rest is of no use
    throw error;
  }
}

/** @param {string} id */
export function discard(id) {
  return postBytes(`/api/uploads/${id}/discard`, null);
}

/** @param {string} id @param {import("./upload.js").Preparation} how */
export function use(id, how) {
  return postBytes(`/api/uploads/${id}/use${query({ ...how })}`, null);
}

/**
 * Give the files that were dropped, those in folders with their paths.
 * @param {DataTransfer} dropped
 * @returns {Promise<Named[]>}
 */
export async function filesOf(dropped) {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) {
    return [...dropped.files].map((file) => ({ path: file.name, file }));
  }
  const found = await Promise.all(entries.filter((entry) => entry !== null).map((entry) => walk(entry, "")));
  return found.flat();
}

/** @param {FileSystemEntry} entry @param {string} above @returns {Promise<Named[]>} */
async function walk(entry, above) {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((done, wrong) => /** @type {FileSystemFileEntry} */ (entry).file(done, wrong));
    return [{ path, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Named[]} */
  const found = [];
  for (;;) {
    // A reader gives a folder's entries in portions, and nothing at the end.
    const entries = /** @type {FileSystemEntry[]} */ (
      await new Promise((done, wrong) => reader.readEntries(done, wrong))
    );
    if (!entries.length) return found;
    for (const inner of entries) found.push(...(await walk(inner, `${path}/`)));
  }
}
