// @ts-check
/** A few images as they came and as they would be used. */
import { getBytes, query } from "../../lib/api.js";
import { digit } from "../../lib/digit.js";
import { fill, h } from "../../lib/dom.js";
import { newestOnly } from "../../lib/newest.js";
import { complain } from "../../lib/notice.js";
import { imagesOf } from "../../lib/protocol.js";
import { themeColor } from "../../lib/theme.js";

const COUNT = 24;

export function previews() {
  const before = h("div", { class: "preview before", role: "img", "aria-label": "Images as they came", "data-testid": "before" });
  const after = h("div", { class: "preview", role: "img", "aria-label": "Images as they will be used", "data-testid": "after" });

  /** @param {HTMLElement} element @param {Uint8Array} bytes @param {number} side */
  function show(element, bytes, side) {
    const ink = themeColor("ink").rgb;
    fill(element, imagesOf(bytes, side * side).map((pixels) => digit(pixels, { width: side, height: side, ink })));
  }

  const askAfter = newestOnly(async (/** @type {{id: string, how: import("./upload.js").Preparation}} */ { id, how }) => {
    try {
      const path = `/api/uploads/${id}/after${query({ ...how, start: 0, count: COUNT })}`;
      show(after, new Uint8Array(await getBytes(path)), how.size);
    } catch (error) {
      complain(error);
    }
  });

  return {
    before,
    after,
    /** @param {string} id @param {number} side */
    async showBefore(id, side) {
      try {
        const path = `/api/uploads/${id}/before${query({ start: 0, count: COUNT })}`;
        show(before, new Uint8Array(await getBytes(path)), side);
      } catch (error) {
        complain(error);
      }
    },
    /** @param {string} id @param {import("./upload.js").Preparation} how */
    showAfter: (id, how) => askAfter({ id, how }),
  };
}
