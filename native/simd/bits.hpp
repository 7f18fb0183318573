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

// Appends first + i for every set bit i of the mask; returns the new count.
inline std::size_t append_bits(std::uint64_t mask, std::size_t first, std::uint32_t* out,
                               std::size_t count) {
  for (; mask != 0; mask &= mask - 1)
    out[count++] = static_cast<std::uint32_t>(first + lowest_bit(mask));
  return count;
}

}  // namespace inkmeans
