// @ts-check
/**
 * A small observable store: one flat record; whoever renders says which keys it reads, and is
 * called once, in the next microtask, however many of them have changed.
 *
 * @template {Record<string, any>} T
 * @typedef {object} Store
 * @property {() => Readonly<T>} get
 * @property {(patch: Partial<T>) => void} set
 * @property {(keys: (keyof T)[], render: (now: Readonly<T>) => void) => () => void} on
 */

/**
 * @template {Record<string, any>} T
 * @param {T} initial
 * @returns {Store<T>}
 */
export function createStore(initial) {
  let now = { ...initial };
  /** @type {Set<{keys: (keyof T)[], render: (now: Readonly<T>) => void}>} */
  const readers = new Set();
  /** @type {Set<keyof T>} */
  const changed = new Set();

  function flush() {
    const keys = new Set(changed);
    changed.clear();
    for (const reader of [...readers]) {
      if (readers.has(reader) && reader.keys.some((key) => keys.has(key))) reader.render(now);
    }
  }

  return {
    get: () => now,
    set(patch) {
      const quiet = changed.size === 0;
      for (const key of /** @type {(keyof T)[]} */ (Object.keys(patch))) {
        if (!Object.is(now[key], patch[key])) changed.add(key);
      }
      now = { ...now, ...patch };
      if (quiet && changed.size) queueMicrotask(flush);
    },
    on(keys, render) {
      const reader = { keys, render };
      readers.add(reader);
      return () => void readers.delete(reader);
    },
  };
}
