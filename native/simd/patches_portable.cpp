// The patch encoder in plain C++, four atoms at a time: the definition of what other files compute.
#include "simd/patches.hpp"

namespace inkmeans {
namespace {

struct Ops {
  static constexpr std::size_t kLanes = 4;
#if defined(__GNUC__)  // left to itself GCC keeps the sums in memory, which is ten times slower
  typedef float Register __attribute__((vector_size(16)));
  typedef std::int32_t Mask __attribute__((vector_size(16)));
  static Register multiply_add(Register a, Register b, Register c) { return a * b + c; }
  static Register multiply_subtract(Register a, Register b, Register c) { return a * b - c; }
  static Register add(Register a, Register b) { return a + b; }
  static Register positive(Register a) {
    const Mask kept = a > zero();
    return reinterpret_cast<Register>(reinterpret_cast<Mask>(a) & kept);
  }
#else
  struct Register {
    float lanes[kLanes];
    float& operator[](std::size_t i) { return lanes[i]; }
  };
  static Register multiply_add(Register a, Register b, Register c) {
    for (std::size_t i = 0; i < kLanes; ++i) a[i] = a[i] * b[i] + c[i];
    return a;
  }
  static Register multiply_subtract(Register a, Register b, Register c) {
    for (std::size_t i = 0; i < kLanes; ++i) a[i] = a[i] * b[i] - c[i];
    return a;
  }
  static Register add(Register a, Register b) {
    for (std::size_t i = 0; i < kLanes; ++i) a[i] += b[i];
    return a;
  }
  static Register positive(Register a) {
    for (std::size_t i = 0; i < kLanes; ++i) a[i] = a[i] > 0 ? a[i] : 0.0F;
    return a;
  }
#endif
  static Register zero() { return Register{0, 0, 0, 0}; }
  static Register load(const float* from) { return Register{from[0], from[1], from[2], from[3]}; }
  static Register broadcast(const float* from) { return Register{*from, *from, *from, *from}; }
  static void store(float* to, Register value) {
    for (std::size_t i = 0; i < kLanes; ++i) to[i] = value[i];
  }
};

#include "simd/patches.inc"

}  // namespace

const PatchTiles* portable_patch_tiles() { return &table; }

}  // namespace inkmeans
