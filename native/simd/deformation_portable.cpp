// The deformation distance in plain C++: compilers turn its loops over 16 lanes into what they have.
#include <algorithm>
#include <cstring>

#include "simd/deformation.hpp"

namespace inkmeans {
namespace {

struct Ops {
  static constexpr std::size_t kLanes = 16;
  struct Register {
    std::uint16_t lane[kLanes];
  };
  struct Sums {
    std::uint32_t lane[kLanes];
  };

  static Register load(const std::uint16_t* from) {
    Register out;
    std::memcpy(out.lane, from, sizeof out.lane);
    return out;
  }
  static void store(std::uint16_t* to, const Register& value) { std::memcpy(to, value.lane, sizeof value.lane); }
  static Register add(const Register& a, const Register& b) {
    Register out;
    for (std::size_t j = 0; j < kLanes; ++j) out.lane[j] = static_cast<std::uint16_t>(a.lane[j] + b.lane[j]);
    return out;
  }
  static Register min(const Register& a, const Register& b) {
    Register out;
    for (std::size_t j = 0; j < kLanes; ++j) out.lane[j] = std::min(a.lane[j], b.lane[j]);
    return out;
  }
  static Register squared_difference(std::uint32_t pixel, const std::uint16_t* others) {
    std::int8_t own[2], other[2 * kLanes];
    std::memcpy(own, &pixel, sizeof own);
    std::memcpy(other, others, sizeof other);
    Register out;
    for (std::size_t j = 0; j < kLanes; ++j) {
      const auto x = static_cast<std::int16_t>(own[0] - other[2 * j]);
      const auto y = static_cast<std::int16_t>(own[1] - other[2 * j + 1]);
      out.lane[j] = static_cast<std::uint16_t>(x * x + y * y);
    }
    return out;
  }

  static Sums load_sums(const std::uint32_t* from) {
    Sums out;
    std::memcpy(out.lane, from, sizeof out.lane);
    return out;
  }
  static void store_sums(std::uint32_t* to, const Sums& value) { std::memcpy(to, value.lane, sizeof value.lane); }
  static Sums widen_and_add(Sums sums, const std::uint16_t* values) {
    for (std::size_t j = 0; j < kLanes; ++j) sums.lane[j] += values[j];
    return sums;
  }
};

void interleave(const std::uint16_t* const* images, std::size_t columns, std::uint16_t* out) {
  for (std::size_t column = 0; column < columns; ++column)
    for (std::size_t lane = 0; lane < Ops::kLanes; ++lane) out[column * Ops::kLanes + lane] = images[lane][column];
}

#include "simd/deformation.inc"

}  // namespace

const DeformationTiles* portable_deformation() { return &table; }

const DeformationTiles& deformation_tiles_for(Level level) {
  const DeformationTiles* found = nullptr;
  switch (level) {
    case Level::neon: found = neon_deformation(); break;
    case Level::avx2:
    case Level::avxvnni: found = avx2_deformation(); break;
    case Level::avx512vnni: found = avx512_deformation(); break;
    default: break;
  }
  return found != nullptr ? *found : table;
}

}  // namespace inkmeans
