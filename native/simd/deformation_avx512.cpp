// The deformation distance in AVX-512: 32 images a register.
#include <cstring>

#include "simd/deformation.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq"))), \
                             apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq")
#endif

namespace inkmeans {
namespace {

struct Ops {
  static constexpr std::size_t kLanes = 32;
  using Register = __m512i;
  struct Sums {
    __m512i low, high;
  };

  static Register load(const void* from) { return _mm512_loadu_si512(from); }
  static void store(void* to, Register value) { _mm512_storeu_si512(to, value); }
  static Register add(Register a, Register b) { return _mm512_add_epi16(a, b); }
  static Register min(Register a, Register b) { return _mm512_min_epu16(a, b); }
  static Register squared_difference(std::uint32_t pixel, const std::uint16_t* others) {
    const __m512i pixel_s8x64 = _mm512_set1_epi32(static_cast<int>(pixel));
    const __m512i apart_u8x64 = _mm512_abs_epi8(_mm512_sub_epi8(pixel_s8x64, load(others)));
    return _mm512_maddubs_epi16(apart_u8x64, apart_u8x64);
  }

  static Sums load_sums(const std::uint32_t* from) { return {load(from), load(from + 16)}; }
  static void store_sums(std::uint32_t* to, const Sums& sums) {
    store(to, sums.low);
    store(to + 16, sums.high);
  }
  static Sums widen_and_add(Sums sums, const std::uint16_t* values) {
    const auto* halves = reinterpret_cast<const __m256i*>(values);
    return {_mm512_add_epi32(sums.low, _mm512_cvtepu16_epi32(_mm256_loadu_si256(halves))),
            _mm512_add_epi32(sums.high, _mm512_cvtepu16_epi32(_mm256_loadu_si256(halves + 1)))};
  }
};

#include "simd/transpose_u16.inc"

void interleave(const std::uint16_t* const* images, std::size_t columns, std::uint16_t* out) {
  interleave_eights(images, columns, Ops::kLanes, out);
}

#include "simd/deformation.inc"

}  // namespace

const DeformationTiles* avx512_deformation() { return &table; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const DeformationTiles* avx512_deformation() { return nullptr; }
}  // namespace inkmeans
#endif
