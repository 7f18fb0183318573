// Patch features: see native/patches.hpp.
#include "patches.hpp"

#include <nanobind/stl/tuple.h>

#include "bindings/arrays.hpp"

namespace inkmeans {
namespace {

using Images = In<std::uint8_t, nb::ndim<3>>;
// Patch size, cells of the grid a side, epsilon, atoms, thresholds.
using Layer = std::tuple<std::size_t, std::size_t, float, InMatrix<float>, InVector<float>>;

Out<float> encode(const Images& images, const std::vector<std::vector<Layer>>& chains, int n_threads) {
  std::vector<PatchChain> encoders;
  std::size_t total = 0;
  for (const std::vector<Layer>& chain : chains) {
    std::vector<PatchLayer> layers;
    for (const auto& [size, pool, epsilon, atoms, thresholds] : chain) {
      require(thresholds.shape(0) == atoms.shape(1), "there must be a threshold of each atom");
      layers.push_back({size, pool, epsilon, view(atoms), thresholds.data()});
    }
    encoders.push_back(make_chain(images.shape(1), images.shape(2), layers));
    total += encoders.back().back().n_features();
  }
  auto rows = make<float>({images.shape(0), total});
  {
    const nb::gil_scoped_release release;
    encode_patches(images.data(), images.shape(0), images.shape(1) * images.shape(2), encoders, n_threads, rows.data());
  }
  return rows;
}

}  // namespace

void bind_patches(nb::module_& module) {
  module.def("encode_patches", &encode, "images"_a.noconvert(), "chains"_a, "n_threads"_a);
}

}  // namespace inkmeans
