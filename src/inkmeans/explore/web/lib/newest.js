// @ts-check
/**
 * Send the newest of many questions: one is under way at a time, and of those that come meanwhile
 * only the last is asked.
 * @template Q
 * @param {(question: Q) => Promise<any>} ask
 * @returns {(question: Q) => void}
 */
export function newestOnly(ask) {
  let busy = false;
  /** @type {{question: Q} | null} */
  let next = null;
  return async function send(question) {
    next = { question };
    if (busy) return;
    busy = true;
    while (next) {
      const now = next;
      next = null;
      await ask(now.question);
    }
    busy = false;
  };
}
