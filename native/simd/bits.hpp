// Walking the set bits of a comparison mask.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef _MSC_VER
#include <intrin.h>
#endif

namespace inkmeans {

inline unsigned lowest_bit(std::uint64_t mask) {
#ifdef _MSC_VER
  unsigned long index;
  _BitScanForward64(&index, mask);
  return index;
#else
  return static_cast<unsigned>(__builtin_ctzll(mask));
#endif
}

inline unsigned count_bits(std::uint32_t mask) {
  unsigned count = 0;
  for (; mask != 0; mask &= mask - 1) ++count;  // compilers make one instruction of it
  return count;
}

// Appends first + i for every set bit i of the mask; returns the new count.
inline std::size_t append_bits(std::uint64_t mask, std::size_t first, std::uint32_t* out,
                               std::size_t count) {
  for (; mask != 0; mask &= mask - 1)
    out[count++] = static_cast<std::uint32_t>(first + lowest_bit(mask));
  return count;
}

// For each mask of eight bits: the positions of its set bits, then the rest; and how many are set.
struct SetBitsFirst {
  std::uint8_t order[256][8] = {};
  std::uint8_t count[256] = {};
  constexpr SetBitsFirst() {
    for (unsigned mask = 0; mask < 256; ++mask) {
      std::uint8_t at = 0;
      for (std::uint8_t bit = 0; bit < 8; ++bit)
        if ((mask >> bit) & 1U) order[mask][at++] = bit;
      count[mask] = at;
      for (std::uint8_t bit = 0; bit < 8; ++bit)
        if (!((mask >> bit) & 1U)) order[mask][at++] = bit;
    }
  }
};
inline constexpr SetBitsFirst set_bits_first{};

}  // namespace inkmeans
