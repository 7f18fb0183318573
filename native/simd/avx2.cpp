// AVX2 without a dot-product instruction: pairs in int16 (vpmaddubsw), pairs of those in int32.
// Zen 3: vpmaddubsw and vpmaddwd two a cycle each on the same two ports, so 32 products a cycle.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "simd/bits.hpp"
#include "simd/tile.hpp"

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

constexpr Level level = Level::avx2;
constexpr int max_weight = 64;  // 2 * 255 * 64 fits int16: vpmaddubsw cannot saturate

inline __m256i add_products(__m256i sums_i32x8, __m256i x_u8x32, __m256i weights_s8x32) {
  const __m256i pairs_i16x16 = _mm256_maddubs_epi16(x_u8x32, weights_s8x32);
  return _mm256_add_epi32(sums_i32x8, _mm256_madd_epi16(pairs_i16x16, _mm256_set1_epi16(1)));
}

#include "simd/ymm.inc"

}  // namespace

const Tiles* avx2_tiles() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const Tiles* avx2_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
