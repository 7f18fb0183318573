// @ts-check
/** Draws the map by WebGL2: points as discs, and those in `frame.digits` as their pictures. */
import { SIDE, Slots } from "./atlas.js";
import { DIGIT_FRAGMENT, DIGIT_VERTEX, POINT_FRAGMENT, POINT_VERTEX } from "./shaders.js";

/**
 * What is drawn; both painters read it. Arrays are replaced, never changed in place.
 *
 * @typedef {object} Scene
 * @property {Float32Array} positions x and y of each point, in turn
 * @property {Uint8Array} colors each point's place in the palette
 * @property {Uint8Array} palette 256 colours, RGBA
 * @property {Uint8Array} flags 1: in focus
 * @property {boolean} focused whether what is out of focus is faint
 * @property {(point: number) => Uint8Array | null} picture a point's pixels; null: not here yet
 * @property {[number, number]} pictureSize height and width of a picture
 *
 * @typedef {object} Frame
 * @property {import("./camera.js").Camera} camera
 * @property {number} ratio device pixels per CSS pixel
 * @property {number} pointSize diameter in CSS pixels
 * @property {number} alpha
 * @property {number} step draw each step-th point only: a quick sketch while the map moves
 * @property {number[]} digits the points to draw as pictures
 * @property {number} digitSize in CSS pixels
 * @property {[number, number, number]} paper the ground's colour, 0 to 255
 *
 * @typedef {object} Painter
 * @property {"webgl2" | "2d"} kind
 * @property {(scene: Scene, changed: Set<string>) => void} update takes over changed arrays
 * @property {(frame: Frame) => void} draw
 * @property {() => void} destroy
 */

/**
 * Give a painter for the canvas, or null where WebGL2 is missing, or where the processor would
 * emulate it.
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} [emulated] take it even then
 * @returns {Painter | null}
 */
export function webglPainter(canvas, emulated = false) {
  const gl = canvas.getContext("webgl2", {
    antialias: false,
    alpha: true,
    depth: false,
    powerPreference: "low-power",
  });
  if (!gl) return null;
  if (!emulated && isEmulated(gl)) {
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  }
  /** @type {Scene | null} */
  let scene = null;
  let device = build(gl);

  /** @param {Scene} next @param {Set<string>} changed */
  function update(next, changed) {
    scene = next;
    if (!gl || gl.isContextLost()) return;
    if (changed.has("positions")) upload(gl, device.buffers.positions, next.positions);
    if (changed.has("colors")) upload(gl, device.buffers.colors, next.colors);
    if (changed.has("flags")) {
      upload(gl, device.buffers.flags, next.flags);
      device.order = { step: 0, count: 0 };
    }
    if (changed.has("palette")) uploadPalette(gl, device.palette, next.palette);
    if (changed.has("picture")) uploadAtlas(gl, device, next.pictureSize);
  }

  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => {
    device = build(gl);
    if (scene) update(scene, new Set(["positions", "colors", "flags", "palette", "picture"]));
    canvas.dispatchEvent(new CustomEvent("painter-restored"));
  });

  return {
    kind: "webgl2",
    update,
    draw(frame) {
      if (!scene || gl.isContextLost()) return;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      // Points show through only where pictures are still on their way.
      const slots = loadDigits(gl, device, scene, frame);
      if (!slots.length || slots.includes(-1)) drawPoints(gl, device, scene, frame);
      if (slots.length) drawDigits(gl, device, scene, frame, slots);
    },
    destroy() {
      gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}

/** @param {WebGL2RenderingContext} gl @returns {boolean} whether no graphics card does the work */
function isEmulated(gl) {
  let name = gl.getParameter(gl.RENDERER);
  if (name === "WebKit WebGL") { // says nothing; elsewhere the extension is out of date
    const more = gl.getExtension("WEBGL_debug_renderer_info");
    if (more) name = gl.getParameter(more.UNMASKED_RENDERER_WEBGL);
  }
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/**
 * @typedef {ReturnType<typeof build>} Device
 * @param {WebGL2RenderingContext} gl
 */
function build(gl) {
  const buffers = {
    positions: gl.createBuffer(),
    colors: gl.createBuffer(),
    flags: gl.createBuffer(),
    order: gl.createBuffer(),
    digitPositions: gl.createBuffer(),
    digits: gl.createBuffer(),
  };
  return {
    buffers,
    points: program(gl, POINT_VERTEX, POINT_FRAGMENT),
    digits: program(gl, DIGIT_VERTEX, DIGIT_FRAGMENT),
    pointArrays: gl.createVertexArray(),
    digitArrays: gl.createVertexArray(),
    palette: texture(gl, gl.NEAREST),
    atlas: texture(gl, gl.LINEAR),
    slots: new Slots(),
    order: { step: 0, count: 0 }, // of the points in their buffer; step 0: to be made
  };
}

/** @param {WebGL2RenderingContext} gl @param {string} vertex @param {string} fragment */
function program(gl, vertex, fragment) {
  const linked = gl.createProgram();
  for (const [kind, text] of /** @type {[number, string][]} */ ([
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`a shader of the map: ${gl.getShaderInfoLog(shader)}`);
    }
    gl.attachShader(linked, shader);
  }
  gl.linkProgram(linked);
  if (!gl.getProgramParameter(linked, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the map's shaders do not fit together: ${gl.getProgramInfoLog(linked)}`);
  }
  const count = gl.isContextLost() ? 0 : gl.getProgramParameter(linked, gl.ACTIVE_UNIFORMS);
  /** @type {Record<string, WebGLUniformLocation | null>} */
  const at = {};
  for (let i = 0; i < count; i++) {
    const name = /** @type {WebGLActiveInfo} */ (gl.getActiveUniform(linked, i)).name;
    at[name] = gl.getUniformLocation(linked, name);
  }
  return { linked, at };
}

/** @param {WebGL2RenderingContext} gl @param {number} filter */
function texture(gl, filter) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return made;
}

/** @param {WebGL2RenderingContext} gl @param {WebGLBuffer | null} buffer @param {ArrayBufferView} data */
function upload(gl, buffer, data) {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
}

/** @param {WebGL2RenderingContext} gl @param {WebGLTexture | null} to @param {Uint8Array} palette */
function uploadPalette(gl, to, palette) {
  gl.bindTexture(gl.TEXTURE_2D, to);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
}

/** @param {WebGL2RenderingContext} gl @param {Device} device @param {[number, number]} size */
function uploadAtlas(gl, device, [height, width]) {
  device.slots.clear();
  gl.bindTexture(gl.TEXTURE_2D, device.atlas);
  const [across, down] = [SIDE * width, SIDE * height];
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, across, down, 0, gl.RED, gl.UNSIGNED_BYTE, null);
}

/** @param {Frame} frame @returns {[number, number, number, number]} */
function viewOf({ camera }) {
  const { x, y, scale, width, height } = camera;
  return [x, y, (2 * scale) / width, (2 * scale) / height];
}

/**
 * @param {WebGL2RenderingContext} gl @param {Device} device @param {Scene} scene
 * @param {Frame} frame
 */
function drawPoints(gl, device, scene, frame) {
  const { buffers, points } = device;
  const { step } = frame;
  gl.useProgram(points.linked);
  gl.bindVertexArray(device.pointArrays);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers.positions);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 8, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers.colors);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribIPointer(1, 1, gl.UNSIGNED_BYTE, 1, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers.flags);
  gl.enableVertexAttribArray(2);
  gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_BYTE, 1, 0);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.order);
  if (device.order.step !== step) {
    const order = drawingOrder(scene.flags, step);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.DYNAMIC_DRAW);
    device.order = { step, count: order.length };
  }
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, device.palette);
  gl.uniform1i(points.at.u_palette, 0);
  gl.uniform4fv(points.at.u_view, viewOf(frame));
  gl.uniform1f(points.at.u_size, frame.pointSize * frame.ratio);
  gl.uniform1f(points.at.u_alpha, frame.alpha);
  gl.uniform1i(points.at.u_focused, scene.focused ? 1 : 0);
  gl.drawElements(gl.POINTS, device.order.count, gl.UNSIGNED_INT, 0);
}

/**
 * Give the order in which points are drawn: those in focus last, so that they lie on top.
 * @param {Uint8Array} flags
 * @param {number} step take each step-th point only
 * @returns {Uint32Array}
 */
export function drawingOrder(flags, step) {
  const order = new Uint32Array(Math.ceil(flags.length / step));
  let [first, last] = [0, order.length];
  for (let i = 0; i < flags.length; i += step) order[flags[i] & 1 ? --last : first++] = i;
  return order;
}

/**
 * Bring the pictures of the digits in view into the atlas.
 * @param {WebGL2RenderingContext} gl @param {Device} device @param {Scene} scene
 * @param {Frame} frame
 * @returns {Int32Array} the slot of each, -1 where its picture is not here yet
 */
function loadDigits(gl, device, scene, frame) {
  const [height, width] = scene.pictureSize;
  gl.activeTexture(gl.TEXTURE1);
  gl.bindTexture(gl.TEXTURE_2D, device.atlas);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  return device.slots.place(frame.digits, (point, slot) => {
    const picture = scene.picture(point);
    if (!picture) return false;
    const [x, y] = [(slot % SIDE) * width, Math.floor(slot / SIDE) * height];
    gl.texSubImage2D(
      gl.TEXTURE_2D, 0, x, y, width, height, gl.RED, gl.UNSIGNED_BYTE, picture,
    ); // prettier-ignore
    return true;
  });
}

/**
 * @param {WebGL2RenderingContext} gl @param {Device} device @param {Scene} scene
 * @param {Frame} frame @param {Int32Array} slots
 */
function drawDigits(gl, device, scene, frame, slots) {
  const { buffers, digits } = device;
  const [height, width] = scene.pictureSize;
  const shown = frame.digits.length;
  const where = new Float32Array(2 * shown);
  const what = new Uint8Array(4 * shown);
  let count = 0;
  for (let at = 0; at < shown; at++) {
    if (slots[at] < 0) continue;
    const point = frame.digits[at];
    where[2 * count] = scene.positions[2 * point];
    where[2 * count + 1] = scene.positions[2 * point + 1];
    what.set(
      [slots[at] & 255, slots[at] >> 8, scene.colors[point], scene.flags[point]],
      4 * count++,
    );
  }
  gl.useProgram(digits.linked);
  gl.bindVertexArray(device.digitArrays);
  upload(gl, buffers.digitPositions, where);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 8, 0);
  upload(gl, buffers.digits, what);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_BYTE, 4, 0);
  gl.activeTexture(gl.TEXTURE1);
  gl.bindTexture(gl.TEXTURE_2D, device.atlas);
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, device.palette);
  gl.uniform1i(digits.at.u_palette, 0);
  gl.uniform1i(digits.at.u_atlas, 1);
  gl.uniform4fv(digits.at.u_view, viewOf(frame));
  gl.uniform1f(digits.at.u_size, frame.digitSize * frame.ratio);
  gl.uniform1f(digits.at.u_columns, SIDE);
  gl.uniform2f(digits.at.u_picture, width, height);
  gl.uniform3fv(digits.at.u_paper, frame.paper.map((part) => part / 255));
  gl.uniform1i(digits.at.u_focused, scene.focused ? 1 : 0);
  gl.drawArrays(gl.POINTS, 0, count);
}
