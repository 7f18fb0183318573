// Scattering of eight images at once.
#include "simd/scattering.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

namespace inkmeans {
namespace {

struct Lanes {
  static constexpr std::size_t n = 8;
  __m256 values;
};

inline Lanes spread(float value) { return {_mm256_set1_ps(value)}; }
inline void store(float* to, Lanes a) { _mm256_storeu_ps(to, a.values); }
inline Lanes operator+(Lanes a, Lanes b) { return {_mm256_add_ps(a.values, b.values)}; }
inline Lanes operator-(Lanes a, Lanes b) { return {_mm256_sub_ps(a.values, b.values)}; }
inline Lanes operator*(Lanes a, Lanes b) { return {_mm256_mul_ps(a.values, b.values)}; }
inline Lanes root(Lanes a) { return {_mm256_sqrt_ps(a.values)}; }

#include "simd/scattering.inc"

}  // namespace

const ScatteringKernel* avx2_scattering() { return &kernel; }

}  // namespace inkmeans

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
namespace inkmeans {
const ScatteringKernel* avx2_scattering() { return nullptr; }
}  // namespace inkmeans
#endif
