// @ts-check
/** Every request to the server goes through here. */

/** @typedef {Uint8Array | ArrayBuffer | Blob} Body */

/** What the server says went wrong, and what to do. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message @param {string} [hint] */
  constructor(status, message, hint = "") {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.hint = hint;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
async function request(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, "the server does not answer", "is `inkmeans explore` still running?");
  }
  if (answer.ok) return answer;
  let said = { message: `the server answered ${answer.status}`, hint: "" };
  try {
    said = { ...said, ...(await answer.json()) };
  } catch {
    // an answer without a body of ours: its status says all that is known
  }
  throw new ApiError(answer.status, said.message, said.hint);
}

/** @param {Record<string, string | number | null | undefined>} values @returns {string} */
export function query(values) {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(known.map(([key, value]) => [key, String(value)])).toString();
  return text ? `?${text}` : "";
}

/**
 * @param {string} path @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function getJson(path, options) {
  return (await request(path, options)).json();
}

/** @param {string} path @param {{signal?: AbortSignal}} [options] @returns {Promise<ArrayBuffer>} */
export async function getBytes(path, options) {
  return (await request(path, options)).arrayBuffer();
}

/** Get a file, to be saved. @param {string} path @returns {Promise<Blob>} */
export async function getFile(path) {
  return (await request(path)).blob();
}

/**
 * Send JSON, get JSON.
 * @param {string} path @param {any} [value]
 * @returns {Promise<any>}
 */
export async function postJson(path, value) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const headers = value === undefined ? undefined : { "content-type": "application/json" };
  return (await request(path, { method: "POST", body, headers })).json();
}

/**
 * Send bytes, get JSON.
 * @param {string} path @param {Body | null} body @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function postBytes(path, body, options) {
  return (await request(path, bytesRequest(body, options))).json();
}

/**
 * Send bytes, get bytes.
 * @param {string} path @param {Body | null} body @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<ArrayBuffer>}
 */
export async function askBytes(path, body, options) {
  return (await request(path, bytesRequest(body, options))).arrayBuffer();
}

/** @param {Body | null} body @param {{signal?: AbortSignal}} [options] @returns {RequestInit} */
function bytesRequest(body, options) {
  const headers = { "content-type": "application/octet-stream" };
  return { method: "POST", body: /** @type {BodyInit | null} */ (body), headers, ...options };
}

/** How long a page that was about to be left, and was not, does without the server's events. */
const STAYED_MS = 2000;

/**
 * Listen to the server; the browser connects again by itself where the line breaks.
 * @param {string} path
 * @param {Record<string, (data: any) => void>} handlers by the event's name
 * @param {(connected: boolean) => void} onLine
 * @returns {() => void} ends it
 */
export function listen(path, handlers, onLine) {
  let source = connect();
  let timer = 0;
  function connect() {
    const source = new EventSource(path);
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
    source.addEventListener("open", () => onLine(true));
    source.addEventListener("error", () => onLine(false));
    return source;
  }
  // Hung up first: a line that breaks because the page is left is an error to Firefox.
  function leave() {
    source.close();
    clearTimeout(timer);
    timer = setTimeout(() => {
      onLine(false);
      source = connect();
    }, STAYED_MS);
  }
  addEventListener("beforeunload", leave);
  return () => {
    removeEventListener("beforeunload", leave);
    clearTimeout(timer);
    source.close();
  };
}
