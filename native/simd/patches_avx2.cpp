// The patch encoder in AVX2 with FMA: 8 atoms a register.
// Zen 3: two FMAs a cycle and two loads, so the twelve sums of six patches take six cycles a value.
#include "simd/patches.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace inkmeans {
namespace {

struct Ops {
  using Register = __m256;
  static constexpr std::size_t kLanes = 8;
  static Register zero() { return _mm256_setzero_ps(); }
  static Register load(const float* from) { return _mm256_loadu_ps(from); }
  static Register broadcast(const float* from) { return _mm256_broadcast_ss(from); }
  static Register multiply_add(Register a, Register b, Register c) { return _mm256_fmadd_ps(a, b, c); }
  static Register multiply_subtract(Register a, Register b, Register c) { return _mm256_fmsub_ps(a, b, c); }
  static Register add(Register a, Register b) { return _mm256_add_ps(a, b); }
  static Register positive(Register a) { return _mm256_max_ps(a, _mm256_setzero_ps()); }
  static void store(float* to, Register value) { _mm256_storeu_ps(to, value); }
};

#include "simd/patches.inc"

}  // namespace

const PatchTiles* avx2_patch_tiles() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const PatchTiles* avx2_patch_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
