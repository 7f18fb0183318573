// Scattering of four images at once in plain C++, and which kernel an instruction set has.
#include <cmath>

#include "simd/scattering.hpp"

namespace inkmeans {
namespace {

#if defined(__GNUC__)
// The registers that every processor of the architecture has, NEON's among them.
typedef float Vector __attribute__((vector_size(16)));

struct Lanes {
  static constexpr std::size_t n = 4;
  Vector values;
};

inline Lanes spread(float value) { return {Vector{value, value, value, value}}; }
inline Lanes operator+(Lanes a, Lanes b) { return {a.values + b.values}; }
inline Lanes operator-(Lanes a, Lanes b) { return {a.values - b.values}; }
inline Lanes operator*(Lanes a, Lanes b) { return {a.values * b.values}; }
#else
struct Lanes {
  static constexpr std::size_t n = 4;
  float values[4];
};

inline Lanes spread(float value) { return {{value, value, value, value}}; }

template <class Operation>
inline Lanes each(Lanes a, Lanes b, Operation operation) {
  for (std::size_t i = 0; i < Lanes::n; ++i) a.values[i] = operation(a.values[i], b.values[i]);
  return a;
}

inline Lanes operator+(Lanes a, Lanes b) {
  return each(a, b, [](float x, float y) { return x + y; });
}
inline Lanes operator-(Lanes a, Lanes b) {
  return each(a, b, [](float x, float y) { return x - y; });
}
inline Lanes operator*(Lanes a, Lanes b) {
  return each(a, b, [](float x, float y) { return x * y; });
}
#endif

inline void store(float* to, Lanes a) {
  for (std::size_t i = 0; i < Lanes::n; ++i) to[i] = a.values[i];
}

inline Lanes root(Lanes a) {
  for (std::size_t i = 0; i < Lanes::n; ++i) a.values[i] = std::sqrt(a.values[i]);
  return a;
}

#include "simd/scattering.inc"

}  // namespace

const ScatteringKernel* portable_scattering() { return &kernel; }

const ScatteringKernel& scattering_kernel(Level level) {
  const ScatteringKernel* found = nullptr;
  if (level == Level::avx512vnni) found = avx512_scattering();
  if (level == Level::avx2 || level == Level::avxvnni) found = avx2_scattering();
  return found != nullptr ? *found : kernel;
}

}  // namespace inkmeans
