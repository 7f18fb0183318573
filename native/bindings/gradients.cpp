// Histograms of oriented gradients: see native/gradients.hpp.
#include "gradients.hpp"

#include <cmath>

#include "bindings/arrays.hpp"

namespace inkmeans {
namespace {

using Images = In<std::uint8_t, nb::ndim<3>>;

Out<float> histograms(const Images& images, const std::vector<std::pair<std::size_t, std::size_t>>& cells,
                      std::size_t n_orientations, bool is_signed, std::size_t block_size, bool square_root,
                      float epsilon, float clip, int n_threads) {
  const std::size_t height = images.shape(1), width = images.shape(2);
  require(n_orientations >= 2, "there must be two orientations");
  require(epsilon >= 0 && clip > 0, "epsilon must not be negative, clip must be positive");
  const GradientOptions options{n_orientations, is_signed, block_size, square_root, epsilon, clip};
  std::vector<GradientGrid> grids;
  std::size_t total = 0;
  for (const auto& [size, stride] : cells) {
    require(size > 0 && stride > 0 && size <= height && size <= width, "cells must fit into the image");
    grids.emplace_back(height, width, size, stride, options);
    total += grids.back().n_features();
  }
  auto rows = make<float>({images.shape(0), total});
  {
    const nb::gil_scoped_release release;
    oriented_histograms(images.data(), images.shape(0), height * width, grids, n_threads, rows.data());
  }
  return rows;
}

}  // namespace

void bind_gradients(nb::module_& module) {
  module.def("oriented_histograms", &histograms, "images"_a.noconvert(), "cells"_a, "n_orientations"_a,
             "is_signed"_a, "block_size"_a, "square_root"_a, "epsilon"_a, "clip"_a, "n_threads"_a);
}

}  // namespace inkmeans
