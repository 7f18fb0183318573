// Histograms of oriented gradients: a uint8 image to a float32 row, fused per image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "memory.hpp"

namespace inkmeans {

struct GradientOptions {
  std::size_t n_orientations;  // of the whole circle if signed, else of half of it
  bool is_signed;
  std::size_t block_size;  // cells a side; 0 for one block of all cells; cut to the cells that there are
  bool square_root;        // of the sums of cells, before blocks are normalised
  float epsilon;           // added (as a square) to squared lengths of blocks
  float clip;              // largest share of an element in its block; infinity for none
};

// Weights of pixels in cells along one side: a triangle as high as 1 about each cell's middle, zero one
// cell size away from it. The grid of cells lies in the middle of the side.
struct CellAxis {
  CellAxis(std::size_t length, std::size_t cell_size, std::size_t stride);
  std::size_t n_cells() const { return begin.size(); }
  std::vector<std::size_t> begin, end;  // which pixels count in a cell
  std::vector<float> weights;           // (n_cells, length)
  std::size_t length;
};

// One grid of cells, with room for the work on one image: one object a thread.
class GradientGrid {
 public:
  // Sides, cell size and stride are at least 1, cells no larger than the image; n_orientations >= 2.
  GradientGrid(std::size_t height, std::size_t width, std::size_t cell_size, std::size_t stride,
               const GradientOptions& options);

  std::size_t n_features() const {
    return blocks_y_ * blocks_x_ * block_height_ * block_width_ * options_.n_orientations;
  }

  // Reads height * width bytes, writes n_features() floats; nothing need be aligned, nothing overlaps.
  // Gradients are whole numbers of at most 255 a side; all sums are in float32, in a fixed order, so
  // the result is the same to the bit on every instruction set.
  void describe(const std::uint8_t* image, float* row);

 private:
  void vote(const std::uint8_t* image, std::size_t y);
  void normalise(float* block, std::size_t length) const;

  GradientOptions options_;
  CellAxis along_y_, along_x_;
  std::size_t block_height_, block_width_, blocks_y_, blocks_x_;
  std::size_t lanes_;         // n_orientations, rounded up
  std::size_t first_, last_;  // pixels of the row that have a gradient
  // Of one row of pixels: the gradient, its votes for bin and the next, all of (width,).
  Aligned<float> across_, down_, lower_, upper_;
  Aligned<std::int32_t> bins_;
  Aligned<float> votes_;   // (width, lanes): the same votes by orientation
  Aligned<float> pooled_;  // (cells along x, lanes): of the row of pixels
  Aligned<float> cells_;   // (cells along y, cells along x, lanes)
};

// Rows of all grids side by side: out is (n_images, total), where each grid takes its n_features().
void oriented_histograms(const std::uint8_t* images, std::size_t n_images, std::size_t n_pixels,
                         const std::vector<GradientGrid>& grids, int n_threads, float* out);

}  // namespace inkmeans
