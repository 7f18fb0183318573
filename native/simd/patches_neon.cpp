// The patch encoder in NEON: 4 atoms a register. Every 64-bit ARM processor has it.
#include "simd/patches.hpp"

#if defined(__aarch64__) && defined(__GNUC__)
#include <arm_neon.h>

namespace inkmeans {
namespace {

struct Ops {
  using Register = float32x4_t;
  static constexpr std::size_t kLanes = 4;
  static Register zero() { return vdupq_n_f32(0); }
  static Register load(const float* from) { return vld1q_f32(from); }
  static Register broadcast(const float* from) { return vld1q_dup_f32(from); }
  static Register multiply_add(Register a, Register b, Register c) { return vfmaq_f32(c, a, b); }
  static Register multiply_subtract(Register a, Register b, Register c) { return vfmaq_f32(vnegq_f32(c), a, b); }
  static Register add(Register a, Register b) { return vaddq_f32(a, b); }
  static Register positive(Register a) { return vmaxq_f32(a, vdupq_n_f32(0)); }
  static void store(float* to, Register value) { vst1q_f32(to, value); }
};

#include "simd/patches.inc"

}  // namespace

const PatchTiles* neon_patch_tiles() { return &table; }

}  // namespace inkmeans

#else
namespace inkmeans {
const PatchTiles* neon_patch_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
