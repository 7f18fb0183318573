// The deformation distance in AVX2: 16 images a register.
// Zen 3: four additions or minima a cycle, two loads, one store. A column of four rows and a
// displacement is 40 operations, 20 loads and 8 stores, some ten cycles for 64 (pixel, image) pairs.
#include <cstring>

#include "simd/deformation.hpp"

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
  static constexpr std::size_t kLanes = 16;
  using Register = __m256i;
  struct Sums {
    __m256i low, high;
  };

  static Register load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
  static void store(void* to, Register value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }
  static Register add(Register a, Register b) { return _mm256_add_epi16(a, b); }
  static Register min(Register a, Register b) { return _mm256_min_epu16(a, b); }
  static Register squared_difference(std::uint32_t pixel, const std::uint16_t* others) {
    const __m256i pixel_s8x32 = _mm256_set1_epi32(static_cast<int>(pixel));
    const __m256i apart_u8x32 = _mm256_abs_epi8(_mm256_sub_epi8(pixel_s8x32, load(others)));
    return _mm256_maddubs_epi16(apart_u8x32, apart_u8x32);
  }

  static Sums load_sums(const std::uint32_t* from) { return {load(from), load(from + 8)}; }
  static void store_sums(std::uint32_t* to, const Sums& sums) {
    store(to, sums.low);
    store(to + 8, sums.high);
  }
  static Sums widen_and_add(Sums sums, const std::uint16_t* values) {
    const auto* halves = reinterpret_cast<const __m128i*>(values);
    return {_mm256_add_epi32(sums.low, _mm256_cvtepu16_epi32(_mm_loadu_si128(halves))),
            _mm256_add_epi32(sums.high, _mm256_cvtepu16_epi32(_mm_loadu_si128(halves + 1)))};
  }
};

#include "simd/transpose_u16.inc"

void interleave(const std::uint16_t* const* images, std::size_t columns, std::uint16_t* out) {
  interleave_eights(images, columns, Ops::kLanes, out);
}

#include "simd/deformation.inc"

}  // namespace

const DeformationTiles* avx2_deformation() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const DeformationTiles* avx2_deformation() { return nullptr; }
}  // namespace inkmeans
#endif
