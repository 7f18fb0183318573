// Rows of images moved by fractions of a pixel: see native/shifting.hpp.
#include "shifting.hpp"

#include "bindings/arrays.hpp"

namespace inkmeans {
namespace {

Out<std::uint8_t> shift(const In<std::uint8_t, nb::ndim<3>>& images, const InVector<double>& top,
                        const InMatrix<double>& left, int n_threads) {
  const std::size_t n = images.shape(0), height = images.shape(1), width = images.shape(2);
  require(top.shape(0) == n && left.shape(0) == n && left.shape(1) == height,
          "there must be a shift down for each image, and one across for each of its rows");
  auto moved = make<std::uint8_t>({n, height, width});
  {
    const nb::gil_scoped_release release;
    shift_rows(images.data(), n, height, width, top.data(), left.data(), n_threads, moved.data());
  }
  return moved;
}

}  // namespace

void bind_shifting(nb::module_& module) {
  module.def("shift_rows", &shift, "images"_a.noconvert(), "top"_a.noconvert(), "left"_a.noconvert(), "n_threads"_a);
}

}  // namespace inkmeans
