// AVX-VNNI: the 256-bit dot product of processors that have no AVX-512.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "simd/bits.hpp"
#include "simd/tile.hpp"

// Compilers that know the instruction: GCC 11, Clang 12, MSVC 19.30.
#if (defined(__x86_64__) || defined(_M_X64)) &&                                    \
    ((defined(__clang__) && __clang_major__ >= 12) ||                              \
     (defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11) ||               \
     (defined(_MSC_VER) && !defined(__clang__) && _MSC_VER >= 1930))
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,avxvnni")
#endif

namespace inkmeans {
namespace {

constexpr Level level = Level::avxvnni;
constexpr int max_weight = 127;

inline __m256i add_products(__m256i sums_i32x8, __m256i x_u8x32, __m256i weights_s8x32) {
  return _mm256_dpbusd_avx_epi32(sums_i32x8, x_u8x32, weights_s8x32);
}

#include "simd/ymm.inc"

}  // namespace

const Tiles* avxvnni_tiles() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const Tiles* avxvnni_tiles() { return nullptr; }
}  // namespace inkmeans
#endif
