// Wavelet scattering of images up to the second order: Fourier transforms of groups of images, one image
// a lane, from the pixels to the paths without anything but one group's images in memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inkmeans {

struct ImageStack {
  const std::uint8_t* data;  // [image][row][column], contiguous
  std::size_t n, height, width;
};

// Real filters of padded images of n_rows x n_columns, both multiples of 2^n_scales.
struct FilterBank {
  std::size_t n_rows, n_columns, n_scales, n_orientations;
  const double* wavelets;      // Fourier transforms: [scale][orientation][row][column]
  const double* low_rows;      // what the images are averaged with, along columns: [row], 0 first
  const double* low_columns;   // and along rows: [column]
};

// How many paths there are: 1 + n_scales * n_orientations, and the pairs of rising scale where order is 2.
std::size_t count_paths(std::size_t n_scales, std::size_t n_orientations, std::size_t order);

// Fills out[image][path][row][column], n_rows / 2^n_scales rows of n_columns / 2^n_scales. Images, from 0
// to 1, lie in the middle of the padded ones on zeros. `out` overlaps nothing; nothing need be aligned.
// Each image's values depend on it alone, and are the same on every instruction set.
void scatter(const ImageStack& images, const FilterBank& bank, std::size_t order, int n_threads,
             float* out);

}  // namespace inkmeans
