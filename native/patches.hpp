// Patch features (Coates and Ng 2011), fused per image: each patch is normalised, compared with all
// atoms, cut off softly and added up in its cell of a grid; no array of patches is ever made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "memory.hpp"

namespace inkmeans {

// What a layer has learnt. Atoms are (patch_size^2 * channels, n_atoms), the values of a patch by row,
// column and channel; each atom adds up to zero, so that the mean of a patch need not be taken off.
struct PatchLayer {
  std::size_t patch_size;
  std::size_t pool;  // cells of the grid, down and across
  float epsilon;     // added to the variance of a patch
  Matrix<float> atoms;
  const float* thresholds;  // (n_atoms,)
};

struct PatchTiles;

// One layer for maps of (height, width, channels): makes maps of (pool, pool, n_atoms).
class PatchEncoder {
 public:
  // Room for the work on one map: one a thread.
  struct Room {
    Aligned<double> sums, squares;                // (width,): over the channels
    Aligned<double> row_sums, row_squares;        // (height, places across): along rows of patches
    std::vector<std::uint32_t> positions, cells;  // of patches that are not flat
    std::vector<float> inverse;                   // one over their deviations
    std::vector<float> n_flat;                    // of each cell
    Aligned<float> pooled;                        // (cells, lanes)
  };

  // Patches fit into the map, and the grid has no more cells than there are places for patches.
  PatchEncoder(std::size_t height, std::size_t width, std::size_t channels, const PatchLayer& layer);

  // The square roots of the sums: out is (pool, pool, n_atoms), map (height, width, channels).
  void encode(const float* map, Room& room, float* out) const;

  std::size_t n_features() const { return pool_ * pool_ * n_atoms_; }
  std::size_t pool() const { return pool_; }
  std::size_t n_atoms() const { return n_atoms_; }

 private:
  void measure(const float* map, Room& room) const;
  void find_positions(Room& room) const;

  std::size_t height_, width_, channels_, size_, pool_, n_atoms_;
  const PatchTiles* tiles_;  // of the level at the time that this was made
  std::size_t lanes_;
  std::size_t places_y_, places_x_;
  double epsilon_;
  std::vector<std::uint32_t> offsets_;  // of the values of a patch
  Aligned<float> panels_;               // [panel][value][lane]
  Aligned<float> thresholds_, flat_;    // [panel][lane]: and what a patch without contrast gives
};

// Layers on top of each other: a map of a layer is what the next one encodes.
using PatchChain = std::vector<PatchEncoder>;

// Throws std::invalid_argument if the layers do not fit the images or each other.
PatchChain make_chain(std::size_t height, std::size_t width, const std::vector<PatchLayer>& layers);

// Rows of all chains side by side: out is (n_images, total), where each takes the features of its last.
void encode_patches(const std::uint8_t* images, std::size_t n_images, std::size_t n_pixels,
                    const std::vector<PatchChain>& chains, int n_threads, float* out);

}  // namespace inkmeans
