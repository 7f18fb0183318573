// The patch encoder in AVX-512: 16 atoms a register.
#include "simd/patches.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f")
#endif

namespace inkmeans {
namespace {

struct Ops {
  using Register = __m512;
  static constexpr std::size_t kLanes = 16;
  static Register zero() { return _mm512_setzero_ps(); }
  static Register load(const float* from) { return _mm512_loadu_ps(from); }
  static Register broadcast(const float* from) { return _mm512_set1_ps(*from); }
  static Register multiply_add(Register a, Register b, Register c) { return _mm512_fmadd_ps(a, b, c); }
  static Register multiply_subtract(Register a, Register b, Register c) { return _mm512_fmsub_ps(a, b, c); }
  static Register add(Register a, Register b) { return _mm512_add_ps(a, b); }
  static Register positive(Register a) { return _mm512_max_ps(a, _mm512_setzero_ps()); }
  static void store(float* to, Register value) { _mm512_storeu_ps(to, value); }
};

#include "simd/patches.inc"

}  // namespace

const PatchTiles* avx512_patch_tiles() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const PatchTiles* avx512_patch_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
