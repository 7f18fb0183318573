// The deformation distance in NEON: 8 images a register.
#include <cstring>

#include "simd/deformation.hpp"

#if defined(__aarch64__) && defined(__GNUC__)
#include <arm_neon.h>

namespace inkmeans {
namespace {

struct Ops {
  static constexpr std::size_t kLanes = 8;
  using Register = uint16x8_t;
  struct Sums {
    uint32x4_t low, high;
  };

  static Register load(const std::uint16_t* from) { return vld1q_u16(from); }
  static void store(std::uint16_t* to, Register value) { vst1q_u16(to, value); }
  static Register add(Register a, Register b) { return vaddq_u16(a, b); }
  static Register min(Register a, Register b) { return vminq_u16(a, b); }
  static Register squared_difference(std::uint32_t pixel, const std::uint16_t* others) {
    const int8x16_t pixel_s8x16 = vreinterpretq_s8_u32(vdupq_n_u32(pixel));
    const int8x16_t other_s8x16 = vreinterpretq_s8_u16(vld1q_u16(others));
    const uint8x16_t apart_u8x16 = vreinterpretq_u8_s8(vabdq_s8(pixel_s8x16, other_s8x16));
    const uint16x8_t low = vmull_u8(vget_low_u8(apart_u8x16), vget_low_u8(apart_u8x16));
    return vpaddq_u16(low, vmull_high_u8(apart_u8x16, apart_u8x16));
  }

  static Sums load_sums(const std::uint32_t* from) { return {vld1q_u32(from), vld1q_u32(from + 4)}; }
  static void store_sums(std::uint32_t* to, const Sums& sums) {
    vst1q_u32(to, sums.low);
    vst1q_u32(to + 4, sums.high);
  }
  static Sums widen_and_add(Sums sums, const std::uint16_t* values) {
    const uint16x8_t more = vld1q_u16(values);
    return {vaddw_u16(sums.low, vget_low_u16(more)), vaddw_high_u16(sums.high, more)};
  }
};

void interleave(const std::uint16_t* const* images, std::size_t columns, std::uint16_t* out) {
  for (std::size_t column = 0; column < columns; ++column)
    for (std::size_t lane = 0; lane < Ops::kLanes; ++lane) out[column * Ops::kLanes + lane] = images[lane][column];
}

#include "simd/deformation.inc"

}  // namespace

const DeformationTiles* neon_deformation() { return &table; }

}  // namespace inkmeans

#else
namespace inkmeans {
const DeformationTiles* neon_deformation() { return nullptr; }
}  // namespace inkmeans
#endif
