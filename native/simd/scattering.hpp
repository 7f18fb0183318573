// Wavelet scattering of a group of images at once, one image a lane: what an instruction set supplies.
//
// Everything is prepared in a program of plain arrays: the groups only read it. No fused multiply-adds
// and no approximate roots: each lane rounds alike on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/level.hpp"

namespace inkmeans {

// A discrete Fourier transform of length n = fast * slow: `fast` a power of two up to 64, which has
// code of its own; `slow` any number, summed term by term.
struct FourierPlan {
  std::size_t n, fast, slow;
  const float* fast_turns;  // what the code for `fast` needs: (cos, sin) of its twiddles
  const float* turns;       // (cos, sin) of 2 pi i k / n at [i][k], i < slow, k < fast
  const float* roots;       // (cos, sin) of 2 pi i / slow
};

// Outputs of a low pass by fours: four weights for each input from `begin` on, `length` of them,
// around the end to the beginning.
struct LowWindow {
  std::size_t begin, length;
  const float* weights;  // [input][4]
};

struct LowPass {
  std::size_t n_outputs, n_windows;
  const LowWindow* windows;
};

// The images of one scale: size, transforms along rows and columns, low pass from here to the end.
struct Resolution {
  std::size_t n_rows, n_columns, n_half;  // half spectra of real images: n_columns / 2 + 1
  FourierPlan along_row, along_column;
  LowPass low_along_row, low_along_column;
};

// to += from * weight, where a minus turns `from` into its conjugate.
struct Term {
  std::uint32_t from, to;
  float real, imag;
};

// A wavelet: from the half spectrum of a real image to a spectrum at a coarser resolution, column by
// column. `first` has one term for each value, so it sets them; `more` adds what was folded onto them.
struct Band {
  const Term* first;            // [column][row]
  const Term* more;
  const std::uint32_t* ends;    // of the terms of each column in `more`
};

struct ScatteringProgram {
  std::size_t height, width, top, left;  // of the images, and where they lie on the padded ones
  std::size_t n_scales, n_orientations, order;
  std::size_t n_paths, n_positions;
  const Resolution* resolutions;  // [n_scales]
  const Band* bands;              // [from][to][orientation]: from the resolution of scale `from`

  const Band& band(std::size_t from, std::size_t to, std::size_t orientation) const {
    return bands[(from * n_scales + to) * n_orientations + orientation];
  }
};

struct ScatteringKernel {
  std::size_t lanes;

  // Floats of scratch that one group needs.
  std::size_t (*scratch_size)(const ScatteringProgram& program);

  // Scatters up to `lanes` images, which lie one after the other, into as many rows of
  // n_paths * n_positions. Scratch is aligned to 64 bytes and overlaps neither.
  void (*scatter)(const ScatteringProgram& program, const std::uint8_t* images, std::size_t n_images,
                  float* scratch, float* out);
};

// The one for the instruction set in use.
const ScatteringKernel& scattering_kernel(Level level);

// Null where the build does not have it.
const ScatteringKernel* portable_scattering();
const ScatteringKernel* avx2_scattering();
const ScatteringKernel* avx512_scattering();

}  // namespace inkmeans
