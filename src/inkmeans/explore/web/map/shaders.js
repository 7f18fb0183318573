// @ts-check
/** The map's shaders, as text. */

/** Points: a disc each, coloured by a look-up in the palette; what is out of focus is faint. */
export const POINT_VERTEX = `#version 300 es
uniform vec4 u_view;      // middle x, y; clip units per data unit in x, y
uniform float u_size;     // diameter in device pixels
uniform float u_alpha;
uniform int u_focused;    // 1 where some points are out of focus
uniform highp sampler2D u_palette;
layout(location = 0) in vec2 a_position;
layout(location = 1) in uint a_color;
layout(location = 2) in uint a_flags;
out vec4 v_color;
void main() {
  bool focused = (a_flags & 1u) == 1u;
  gl_Position = vec4((a_position - u_view.xy) * u_view.zw, 0.0, 1.0);
  gl_PointSize = u_size;
  vec4 color = texelFetch(u_palette, ivec2(int(a_color), 0), 0);
  float alpha = u_focused == 0 ? u_alpha : (focused ? min(u_alpha * 1.4, 1.0) : u_alpha * 0.13);
  v_color = vec4(color.rgb, color.a * alpha);
}`;

export const POINT_FRAGMENT = `#version 300 es
precision highp float;
uniform float u_size;
in vec4 v_color;
out vec4 color;
void main() {
  float coverage = 1.0;
  if (u_size > 3.0) {
    float edge = length(gl_PointCoord - 0.5) * u_size;
    coverage = clamp(u_size * 0.5 - edge + 0.5, 0.0, 1.0);
    if (coverage <= 0.0) discard;
  }
  float alpha = v_color.a * coverage;
  color = vec4(v_color.rgb * alpha, alpha);
}`;

/** Digits: a square each, its picture read from a slot of the atlas, ink on a plate of paper. */
export const DIGIT_VERTEX = `#version 300 es
uniform vec4 u_view;
uniform float u_size;
uniform highp sampler2D u_palette;
layout(location = 0) in vec2 a_position;
layout(location = 1) in uvec4 a_digit;   // slot (low, high byte), colour, flags
uniform int u_focused;                   // 1 where some points are out of focus
out vec4 v_color;
flat out int v_slot;
void main() {
  gl_Position = vec4((a_position - u_view.xy) * u_view.zw, 0.0, 1.0);
  gl_PointSize = u_size;
  v_slot = int(a_digit.x) + 256 * int(a_digit.y);
  float alpha = u_focused == 1 && (a_digit.w & 1u) == 0u ? 0.22 : 1.0;
  v_color = vec4(texelFetch(u_palette, ivec2(int(a_digit.z), 0), 0).rgb, alpha);
}`;

export const DIGIT_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D u_atlas;
uniform vec3 u_paper;
uniform vec2 u_picture;   // width and height of a picture in texels
uniform float u_columns;  // slots in a row of the atlas
in vec4 v_color;
flat in int v_slot;
out vec4 color;
void main() {
  float slot = float(v_slot);
  vec2 corner = vec2(mod(slot, u_columns), floor(slot / u_columns)) * u_picture;
  vec2 inside = clamp(gl_PointCoord * u_picture, vec2(0.5), u_picture - 0.5);
  float ink = texture(u_atlas, (corner + inside) / vec2(textureSize(u_atlas, 0))).r;
  vec2 from = abs(gl_PointCoord - 0.5);
  float plate = 0.78 * (1.0 - smoothstep(0.44, 0.5, max(from.x, from.y)));
  float strength = clamp(ink * 1.25, 0.0, 1.0);
  float alpha = (strength + plate * (1.0 - strength)) * v_color.a;
  color = vec4(mix(u_paper, v_color.rgb, strength) * alpha, alpha);
}`;
