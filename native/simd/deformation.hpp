// The inner loops of the image deformation distance, one image against several at once: each lane of
// a register is another image, so that a shift of the image is another address and nothing is shuffled.
//
// A pixel is a gradient of two int8; one image has both in 16 bits. Lanes of a pixel lie side by side.
// `stride` counts pixels of a row; nothing need be aligned, and inputs never overlap outputs.
//
// Integer range. Each gradient is within +-30 for a context of 1, +-63 for 0, +-18 for 2 (see
// largest_gradient of the driver). A difference of two fits int8, the sum of two squares 2 * 126^2 fits
// int16, and (2 context + 1)^2 of these sums fit uint16: 9 * 2 * 60^2 = 64,800.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/level.hpp"

namespace inkmeans {

// Some rows of pixels, a displacement, and where the least differences so far are kept. A context of
// c reads c pixels more on each side of `query` and of `others`, which point at the first of these.
struct DeformationStrip {
  const std::uint32_t* query;   // [row][column]: a pixel, twice
  const std::uint16_t* others;  // [row][column][lane], displaced
  std::uint16_t* forward;       // [row][column][lane]
  std::uint16_t* backward;      // [row][column][lane], displaced
  std::size_t stride;
  std::size_t columns;
};

struct DeformationTiles {
  static constexpr std::size_t kRows = 4;      // rows of a strip
  static constexpr std::size_t kMostLanes = 32;
  static constexpr std::size_t kContexts = 3;  // contexts 0, 1 and 2

  std::size_t lanes;

  // out[column][lane] = images[lane][column].
  void (*interleave)(const std::uint16_t* const* images, std::size_t columns, std::uint16_t* out);

  // Of each pixel and lane, the squared differences of its context are added up; forward and backward
  // keep the least. One function a context.
  void (*compare[kContexts])(const DeformationStrip& strip);

  // sums[lane] += values[column][lane]; at most 65,536 columns.
  void (*add_up)(const std::uint16_t* values, std::size_t columns, std::uint32_t* sums);
};

const DeformationTiles& deformation_tiles_for(Level level);
inline const DeformationTiles& deformation_tiles() { return deformation_tiles_for(current_level()); }

// One an instruction set; null where the build does not have it.
const DeformationTiles* portable_deformation();
const DeformationTiles* neon_deformation();
const DeformationTiles* avx2_deformation();
const DeformationTiles* avx512_deformation();

}  // namespace inkmeans
