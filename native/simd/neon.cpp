// NEON with the dot-product extension. It multiplies like signs only (udot, sdot), so a u8 x s8
// product goes through (x - 128) . w + 128 * sum(w): the second part is one more sdot with ones.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "simd/bits.hpp"
#include "simd/tile.hpp"

#if defined(__aarch64__) && defined(__GNUC__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif
#include <arm_neon.h>

namespace inkmeans {
namespace {

std::size_t nonzero_blocks(const std::uint8_t* row, std::size_t n_blocks, Blocks& out) {
  std::size_t count = 0;
  for (std::size_t block = 0; block < n_blocks; ++block) {
    std::uint32_t value;
    std::memcpy(&value, row + 4 * block, 4);
    out.values[count] = value;
    out.index[count] = static_cast<std::uint32_t>(block);
    count += value != 0;
  }
  return out.count = count;
}

template <int N>
void block_dots_part(const Blocks& blocks, const std::int8_t* panel, std::size_t lanes, float* dots) {
  int32x4_t sums_i32x4[N];
  int32x4_t offsets_i32x4[N];  // sums of weights, to be multiplied by 128
  for (int v = 0; v < N; ++v) sums_i32x4[v] = offsets_i32x4[v] = vdupq_n_s32(0);
  const int8x16_t ones = vdupq_n_s8(1);
  for (std::size_t i = 0; i < blocks.count; ++i) {
    const uint8x16_t x_u8x16 = vreinterpretq_u8_u32(vdupq_n_u32(blocks.values[i]));
    const int8x16_t x_s8x16 = vreinterpretq_s8_u8(veorq_u8(x_u8x16, vdupq_n_u8(0x80)));
    const std::int8_t* weights = panel + blocks.index[i] * lanes * 4;
    for (int v = 0; v < N; ++v) {
      const int8x16_t weights_s8x16 = vld1q_s8(weights + 16 * v);
      sums_i32x4[v] = vdotq_s32(sums_i32x4[v], x_s8x16, weights_s8x16);
      offsets_i32x4[v] = vdotq_s32(offsets_i32x4[v], ones, weights_s8x16);
    }
  }
  for (int v = 0; v < N; ++v)
    vst1q_f32(dots + 4 * v,
              vcvtq_f32_s32(vaddq_s32(sums_i32x4[v], vshlq_n_s32(offsets_i32x4[v], 7))));
}

void block_dots(const Blocks& blocks, const std::int8_t* panel, std::size_t lanes, float* dots) {
  if (lanes == 32)
    block_dots_part<8>(blocks, panel, lanes, dots);
  else
    block_dots_part<4>(blocks, panel, lanes, dots);
}

std::int32_t pair_dot_u8(const std::uint8_t* row, const std::int16_t* weights, std::size_t length) {
  int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
  for (std::size_t i = 0; i < length; i += 16) {
    const uint8x16_t x_u8x16 = vld1q_u8(row + i);
    const int16x8_t left = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(x_u8x16)));
    const int16x8_t right = vreinterpretq_s16_u16(vmovl_high_u8(x_u8x16));
    const int16x8_t left_weights = vld1q_s16(weights + i), right_weights = vld1q_s16(weights + i + 8);
    low = vmlal_s16(low, vget_low_s16(left), vget_low_s16(left_weights));
    high = vmlal_high_s16(high, left, left_weights);
    low = vmlal_s16(low, vget_low_s16(right), vget_low_s16(right_weights));
    high = vmlal_high_s16(high, right, right_weights);
  }
  return vaddvq_s32(vaddq_s32(low, high));
}

void pair_dots_u8(const std::uint8_t* row, const std::int16_t* const* weights, std::size_t n,
                  std::size_t length, std::int32_t* dots) {
  for (std::size_t j = 0; j < n; ++j) dots[j] = pair_dot_u8(row, weights[j], length);
}

std::uint32_t dot_u8_u8(const std::uint8_t* a, const std::uint8_t* b, std::size_t length) {
  uint32x4_t sums_u32x4 = vdupq_n_u32(0);
  for (std::size_t i = 0; i < length; i += 16)
    sums_u32x4 = vdotq_u32(sums_u32x4, vld1q_u8(a + i), vld1q_u8(b + i));
  return vaddvq_u32(sums_u32x4);
}

void within_s16(const std::int16_t* rows, const std::int32_t* row_terms, std::size_t n_rows,
                const std::int16_t* panel, const std::int32_t* lane_terms, std::size_t lanes,
                std::size_t pairs, std::uint16_t* masks) {
  constexpr std::uint32_t bits[4] = {1, 2, 4, 8};
  for (std::size_t r = 0; r < n_rows; ++r) {
    const std::int16_t* row = rows + r * 2 * pairs;
    unsigned mask = 0;
    for (std::size_t lane = 0; lane < lanes; lane += 4) {
      int32x4_t sums_i32x4 = vdupq_n_s32(0);
      for (std::size_t pair = 0; pair < pairs; ++pair) {
        const int16x4x2_t weights = vld2_s16(panel + (pair * lanes + lane) * 2);
        sums_i32x4 = vmlal_n_s16(sums_i32x4, weights.val[0], row[2 * pair]);
        sums_i32x4 = vmlal_n_s16(sums_i32x4, weights.val[1], row[2 * pair + 1]);
      }
      const int32x4_t left = vaddq_s32(vdupq_n_s32(row_terms[r]), vld1q_s32(lane_terms + lane));
      const uint32x4_t below = vcltq_s32(left, vaddq_s32(sums_i32x4, sums_i32x4));
      mask |= vaddvq_u32(vandq_u32(below, vld1q_u32(bits))) << lane;
    }
    masks[r] = static_cast<std::uint16_t>(mask);
  }
}

float group_apart_s16(const std::int16_t* query, std::int32_t query_norm, const std::int16_t* panel,
                      const std::int32_t* norms, std::size_t pairs, float* squared) {
  int32x4_t sums_i32x4[4];
  for (auto& sum : sums_i32x4) sum = vdupq_n_s32(0);
  for (std::size_t pair = 0; pair < pairs; ++pair)
    for (int v = 0; v < 4; ++v) {
      const int16x4x2_t weights = vld2_s16(panel + (pair * 16 + 4 * v) * 2);
      sums_i32x4[v] = vmlal_n_s16(sums_i32x4[v], weights.val[0], query[2 * pair]);
      sums_i32x4[v] = vmlal_n_s16(sums_i32x4[v], weights.val[1], query[2 * pair + 1]);
    }
  float32x4_t least_f32x4 = vdupq_n_f32(INFINITY);
  for (int v = 0; v < 4; ++v) {
    const int32x4_t norm = vaddq_s32(vdupq_n_s32(query_norm), vld1q_s32(norms + 4 * v));
    const float32x4_t apart = vcvtq_f32_s32(vsubq_s32(norm, vshlq_n_s32(sums_i32x4[v], 1)));
    vst1q_f32(squared + 4 * v, apart);
    least_f32x4 = vminq_f32(least_f32x4, apart);
  }
  return vminvq_f32(least_f32x4);
}

std::int32_t dot_s16(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  int32x4_t sums_i32x4 = vdupq_n_s32(0);
  for (std::size_t i = 0; i < length; i += 8) {
    const int16x8_t left = vld1q_s16(a + i), right = vld1q_s16(b + i);
    sums_i32x4 = vmlal_s16(sums_i32x4, vget_low_s16(left), vget_low_s16(right));
    sums_i32x4 = vmlal_high_s16(sums_i32x4, left, right);
  }
  return vaddvq_s32(sums_i32x4);
}

template <int R>
void dots_f32_part(const float* const* rows, const float* panel, std::size_t length,
                   std::size_t lanes, float* dots) {
  for (std::size_t lane = 0; lane < lanes; lane += 16) {
    float32x4_t sums_f32x4[R][4];
    for (auto& row : sums_f32x4)
      for (auto& sum : row) sum = vdupq_n_f32(0);
    for (std::size_t i = 0; i < length; ++i)
      for (int v = 0; v < 4; ++v) {
        const float32x4_t weights = vld1q_f32(panel + i * lanes + lane + 4 * v);
        for (int r = 0; r < R; ++r) sums_f32x4[r][v] = vfmaq_n_f32(sums_f32x4[r][v], weights, rows[r][i]);
      }
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < 4; ++v) vst1q_f32(dots + r * lanes + lane + 4 * v, sums_f32x4[r][v]);
  }
}

void dots_f32(const float* const* rows, std::size_t n_rows, const float* panel, std::size_t length,
              std::size_t lanes, float* dots) {
  switch (n_rows) {
    case 4: return dots_f32_part<4>(rows, panel, length, lanes, dots);
    case 3: return dots_f32_part<3>(rows, panel, length, lanes, dots);
    case 2: return dots_f32_part<2>(rows, panel, length, lanes, dots);
    case 1: return dots_f32_part<1>(rows, panel, length, lanes, dots);
    default: return;
  }
}

float pair_dot_f32(const float* a, const float* b, std::size_t length) {
  float32x4_t sums_f32x4[4];
  for (auto& sum : sums_f32x4) sum = vdupq_n_f32(0);
  for (std::size_t i = 0; i < length; i += 16)
    for (int v = 0; v < 4; ++v)
      sums_f32x4[v] = vfmaq_f32(sums_f32x4[v], vld1q_f32(a + i + 4 * v), vld1q_f32(b + i + 4 * v));
  return vaddvq_f32(vaddq_f32(vaddq_f32(sums_f32x4[0], sums_f32x4[1]),
                              vaddq_f32(sums_f32x4[2], sums_f32x4[3])));
}

void pair_dots_f32(const float* row, const float* const* weights, std::size_t n, std::size_t length,
                   float* dots) {
  for (std::size_t j = 0; j < n; ++j) dots[j] = pair_dot_f32(row, weights[j], length);
}

float least_upper(float* values, const float* offset, const float* scale, const float* error,
                  float radius, std::size_t lanes) {
  float32x4_t least_f32x4 = vdupq_n_f32(INFINITY);
  for (std::size_t j = 0; j < lanes; j += 4) {
    const float32x4_t value =
        vfmaq_f32(vld1q_f32(offset + j), vld1q_f32(scale + j), vld1q_f32(values + j));
    vst1q_f32(values + j, value);
    least_f32x4 = vminq_f32(least_f32x4, vfmaq_n_f32(value, vld1q_f32(error + j), radius));
  }
  return vminvq_f32(least_f32x4);
}

std::size_t candidates(const float* values, const float* error, float radius, float limit,
                       std::size_t lanes, std::uint32_t* out) {
  std::size_t count = 0;
  for (std::size_t j = 0; j < lanes; j += 4) {
    const float32x4_t lower = vfmsq_f32(vld1q_f32(values + j), vld1q_f32(error + j), vdupq_n_f32(radius));
    const uint32x4_t below = vcleq_f32(lower, vdupq_n_f32(limit));
    if (vmaxvq_u32(below) == 0) continue;
    std::uint32_t flags[4];
    vst1q_u32(flags, below);
    for (std::uint32_t v = 0; v < 4; ++v)
      if (flags[v] != 0) out[count++] = static_cast<std::uint32_t>(j) + v;
  }
  return count;
}

std::size_t survivors(const std::uint8_t* bounds, const std::uint8_t* drift, std::uint8_t threshold,
                      std::size_t length, std::uint32_t* out) {
  std::size_t count = 0;
  for (std::size_t j = 0; j < length; j += 16) {
    const uint8x16_t left = vqsubq_u8(vld1q_u8(bounds + j), vld1q_u8(drift + j));
    const uint8x16_t below = vcltq_u8(left, vdupq_n_u8(threshold));
    // Four bits a byte: the shift narrows 0xff / 0x00 to nibbles of one 64-bit mask.
    const uint8x8_t nibbles = vshrn_n_u16(vreinterpretq_u16_u8(below), 4);
    std::uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(nibbles), 0) & 0x1111111111111111ULL;
    for (; mask != 0; mask &= mask - 1)
      out[count++] = static_cast<std::uint32_t>(j + lowest_bit(mask) / 4);
  }
  return count;
}

void lower(std::uint8_t* bounds, const std::uint8_t* by, std::size_t length) {
  for (std::size_t j = 0; j < length; j += 16)
    vst1q_u8(bounds + j, vqsubq_u8(vld1q_u8(bounds + j), vld1q_u8(by + j)));
}

constexpr Tiles table = {Level::neon,   127,         32,         nonzero_blocks, block_dots,
                         pair_dots_u8,  dot_u8_u8,   within_s16, group_apart_s16, dot_s16,        dots_f32,
                         pair_dots_f32, least_upper, candidates, survivors,
                         lower};

}  // namespace

const Tiles* neon_tiles() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const Tiles* neon_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
