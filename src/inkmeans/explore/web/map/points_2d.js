// @ts-check
/**
 * Draws the map by the processor, pixel by pixel, on a plain 2-D canvas: where WebGL2 is missing,
 * and where it would be emulated, which takes ten times as long.
 */

/** @typedef {import("./points.js").Scene} Scene */
/** @typedef {import("./points.js").Frame} Frame */
/** @typedef {{width: number, height: number, words: Uint32Array}} Pixels words: ABGR, opaque */

/** How much of the ground a digit's plate hides, as in the shader. */
const PLATE = 0.78;

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {import("./points.js").Painter}
 */
export function canvasPainter(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  /** @type {Scene | null} */
  let scene = null;
  /** @type {ImageData | null} */
  let image = null;
  return {
    kind: "2d",
    update(next) {
      scene = next;
    },
    draw(frame) {
      if (!scene) return;
      const { width, height } = canvas;
      if (image?.width !== width || image.height !== height) {
        image = context.createImageData(width, height);
      }
      const pixels = { width, height, words: new Uint32Array(image.data.buffer) };
      pixels.words.fill(pack(...frame.paper));
      const { picture } = scene;
      if (!frame.digits.length || frame.digits.some((point) => !picture(point))) {
        if (!scene.focused) drawPoints(pixels, scene, frame, frame.alpha, null);
        else {
          drawPoints(pixels, scene, frame, frame.alpha * 0.13, 0);
          drawPoints(pixels, scene, frame, Math.min(frame.alpha * 1.4, 1), 1);
        }
      }
      drawDigits(pixels, scene, frame);
      context.putImageData(image, 0, 0);
    },
    destroy() {},
  };
}

/** @param {number} r @param {number} g @param {number} b @returns {number} */
function pack(r, g, b) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/**
 * Lay one colour over another; red and blue share a multiplication.
 * @param {number} under @param {number} over ABGR words @param {number} share 0 to 256
 * @returns {number}
 */
function blend(under, over, share) {
  const rest = 256 - share;
  const redBlue = Math.imul(over & 0xff00ff, share) + Math.imul(under & 0xff00ff, rest);
  const green = Math.imul(over & 0xff00, share) + Math.imul(under & 0xff00, rest);
  return 0xff000000 | ((redBlue >>> 8) & 0xff00ff) | ((green >>> 8) & 0xff00);
}

/**
 * Give the pixels of a point around its middle: a square while it is small, else a disc.
 * @param {number} diameter in pixels
 * @returns {{side: number, shares: Uint16Array}} shares: 0 to 256, row by row
 */
function stampOf(diameter) {
  const side = Math.max(1, diameter > 3 ? Math.ceil(diameter) : Math.round(diameter));
  const shares = new Uint16Array(side * side).fill(256);
  if (diameter > 3) {
    for (let at = 0; at < shares.length; at++) {
      const from = Math.hypot((at % side) + 0.5 - side / 2, Math.floor(at / side) + 0.5 - side / 2);
      shares[at] = 256 * Math.min(Math.max(diameter / 2 - from + 0.5, 0), 1);
    }
  }
  return { side, shares };
}

/**
 * @param {Pixels} pixels @param {Scene} scene @param {Frame} frame
 * @param {number} alpha 0 to 1
 * @param {number | null} focus draw only points in focus (1), only the others (0), or all
 */
function drawPoints({ width, height, words }, scene, frame, alpha, focus) {
  const { camera, ratio, step } = frame;
  const { positions, flags, colors, palette } = scene;
  const { side, shares } = stampOf(frame.pointSize * ratio);
  const scale = camera.scale * ratio;
  const left = width / 2 - camera.x * scale - side / 2 + 0.5;
  const top = height / 2 + camera.y * scale - side / 2 + 0.5;
  const [right, bottom] = [width - side, height - side];
  const tones = new Uint32Array(256).map((_, c) => pack(...rgb(palette, c)));
  const weights = new Uint16Array(256).map((_, c) => Math.round(alpha * palette[4 * c + 3]));
  for (let i = 0; i < flags.length; i += step) {
    if (focus !== null && (flags[i] & 1) !== focus) continue;
    const x = Math.floor(left + positions[2 * i] * scale);
    const y = Math.floor(top - positions[2 * i + 1] * scale);
    if (!(x >= 0 && y >= 0 && x <= right && y <= bottom)) continue;
    const tone = tones[colors[i]];
    const weight = weights[colors[i]];
    for (let row = 0, part = 0, at = y * width + x; row < side; row++, at += width - side) {
      for (let column = 0; column < side; column++, part++, at++) {
        words[at] = blend(words[at], tone, (shares[part] * weight) >> 8);
      }
    }
  }
}

/** @param {Uint8Array} palette @param {number} c @returns {[number, number, number]} */
function rgb(palette, c) {
  return [palette[4 * c], palette[4 * c + 1], palette[4 * c + 2]];
}

/**
 * Draw the digits in view, their pictures smoothed between pixels.
 * @param {Pixels} pixels @param {Scene} scene @param {Frame} frame
 */
function drawDigits(pixels, scene, frame) {
  const [rows, columns] = scene.pictureSize;
  const side = Math.max(1, Math.round(frame.digitSize * frame.ratio));
  const across = between(columns, side);
  const down = between(rows, side);
  /** @type {Map<number, {tones: Uint32Array, shares: Uint16Array}>} */
  const inks = new Map();
  for (const point of frame.digits) {
    const picture = scene.picture(point);
    if (!picture) continue;
    const faint = scene.focused && !(scene.flags[point] & 1);
    const key = 2 * scene.colors[point] + (faint ? 1 : 0);
    let ink = inks.get(key);
    if (!ink) {
      ink = inkOf(rgb(scene.palette, scene.colors[point]), frame.paper, faint ? 0.22 : 1);
      inks.set(key, ink);
    }
    const { camera, ratio } = frame;
    const [px, py] = [scene.positions[2 * point], scene.positions[2 * point + 1]];
    const x = pixels.width / 2 + (px - camera.x) * camera.scale * ratio - side / 2;
    const y = pixels.height / 2 - (py - camera.y) * camera.scale * ratio - side / 2;
    drawDigit(pixels, Math.round(x), Math.round(y), picture, { across, down, ...ink });
  }
}

/**
 * Say between which pixels of a picture each pixel of its enlargement lies.
 * @param {number} few @param {number} many
 * @returns {{from: Uint16Array, to: Uint16Array, share: Uint16Array}} share of `to`, 0 to 256
 */
function between(few, many) {
  const places = Array.from({ length: many }, (_, i) =>
    Math.min(Math.max(((i + 0.5) * few) / many - 0.5, 0), few - 1),
  );
  return {
    from: Uint16Array.from(places, Math.floor),
    to: Uint16Array.from(places, Math.ceil),
    share: Uint16Array.from(places, (place) => 256 * (place - Math.floor(place))),
  };
}

/**
 * Give a digit's colour, and how much it hides, for each grey level: ink on a plate of paper.
 * @param {[number, number, number]} color @param {[number, number, number]} paper
 * @param {number} weight
 */
function inkOf(color, paper, weight) {
  const strengths = Array.from({ length: 256 }, (_, level) => Math.min((level * 1.25) / 255, 1));
  const mix = (/** @type {number} */ part, /** @type {number} */ strength) =>
    Math.round(paper[part] + (color[part] - paper[part]) * strength);
  return {
    tones: Uint32Array.from(strengths, (s) => pack(mix(0, s), mix(1, s), mix(2, s))),
    shares: Uint16Array.from(strengths, (s) => 256 * (s + PLATE * (1 - s)) * weight),
  };
}

/**
 * @param {Pixels} pixels @param {number} x0 @param {number} y0 @param {Uint8Array} picture
 * @param {{across: ReturnType<typeof between>, down: ReturnType<typeof between>,
 *   tones: Uint32Array, shares: Uint16Array}} how
 */
function drawDigit({ width, height, words }, x0, y0, picture, { across, down, tones, shares }) {
  const columns = across.to[across.to.length - 1] + 1;
  const end = Math.min(across.from.length, width - x0);
  for (let y = Math.max(0, -y0); y < Math.min(down.from.length, height - y0); y++) {
    const [upper, lower, low] = [down.from[y] * columns, down.to[y] * columns, down.share[y]];
    for (let x = Math.max(0, -x0); x < end; x++) {
      const [left, right, share] = [across.from[x], across.to[x], across.share[x]];
      const above = picture[upper + left] * (256 - share) + picture[upper + right] * share;
      const below = picture[lower + left] * (256 - share) + picture[lower + right] * share;
      const level = (above * (256 - low) + below * low) >> 16;
      const at = (y0 + y) * width + x0 + x;
      words[at] = blend(words[at], tones[level], shares[level]);
    }
  }
}
