// Scattering of sixteen images at once.
#include "simd/scattering.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif

namespace inkmeans {
namespace {

struct Lanes {
  static constexpr std::size_t n = 16;
  __m512 values;
};

inline Lanes spread(float value) { return {_mm512_set1_ps(value)}; }
inline void store(float* to, Lanes a) { _mm512_storeu_ps(to, a.values); }
inline Lanes operator+(Lanes a, Lanes b) { return {_mm512_add_ps(a.values, b.values)}; }
inline Lanes operator-(Lanes a, Lanes b) { return {_mm512_sub_ps(a.values, b.values)}; }
inline Lanes operator*(Lanes a, Lanes b) { return {_mm512_mul_ps(a.values, b.values)}; }
inline Lanes root(Lanes a) { return {_mm512_maskz_sqrt_ps(0xffff, a.values)}; }

#include "simd/scattering.inc"

}  // namespace

const ScatteringKernel* avx512_scattering() { return &kernel; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const ScatteringKernel* avx512_scattering() { return nullptr; }
}  // namespace inkmeans
#endif
