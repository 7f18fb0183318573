// The inner loop of the patch encoder: some patches of one image against a panel of atoms.
//
// `lanes` atoms lie side by side. All in float32; nothing need be aligned, and sums overlap no input.
// The patches are added to the sums one after the other, so neither the number of threads nor how
// patches are grouped changes a bit of the result; that of another instruction set rounds otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "simd/level.hpp"

namespace inkmeans {

struct PatchRun {
  const float* map;                // an image, or what a layer made of one
  const std::uint32_t* positions;  // where each patch begins in the map
  const float* inverse;            // one over the deviation of each patch
  const std::uint32_t* cells;      // in whose sums it counts
  std::size_t n_positions;
  const std::uint32_t* offsets;    // where each value of a patch is, from where the patch begins
  std::size_t length;              // values of a patch
};

struct PatchTiles {
  static constexpr std::size_t kMostLanes = 32;

  std::size_t lanes;

  // For each patch: sums[cell][j] += max(0, inverse * patch.panel[j] - thresholds[j]). panel is
  // [value][lane], sums [cell][lane].
  void (*pool)(const PatchRun& run, const float* panel, const float* thresholds, float* sums);
};

const PatchTiles& patch_tiles();  // of the level in use

// One an instruction set; null where the build does not have it.
const PatchTiles* portable_patch_tiles();
const PatchTiles* neon_patch_tiles();
const PatchTiles* avx2_patch_tiles();
const PatchTiles* avx512_patch_tiles();

}  // namespace inkmeans
