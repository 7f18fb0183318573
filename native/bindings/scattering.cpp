// Wavelet scattering, as inkmeans.engine.scattering calls it.
#include "bindings/arrays.hpp"
#include "scattering.hpp"

namespace inkmeans {
namespace {

// The result is NumPy's: it asks the system for large pages, which makes a second's difference.
using Paths = nb::ndarray<float, nb::numpy, nb::c_contig, nb::device::cpu, nb::ndim<4>>;

void scatter_images(In<std::uint8_t, nb::ndim<3>> images, In<double, nb::ndim<4>> wavelets,
                    InVector<double> low_rows, InVector<double> low_columns, std::size_t order,
                    int n_threads, Paths out) {
  const FilterBank bank{wavelets.shape(2), wavelets.shape(3), wavelets.shape(0), wavelets.shape(1),
                        wavelets.data(),   low_rows.data(),   low_columns.data()};
  const std::size_t n_scales = bank.n_scales;
  require(n_scales > 0 && n_scales < 16 && bank.n_orientations > 0, "there must be wavelets");
  require(order == 1 || order == 2, "order must be 1 or 2");
  require(low_rows.shape(0) == bank.n_rows && low_columns.shape(0) == bank.n_columns,
          "all filters must have one size");
  const std::size_t n_rows = bank.n_rows >> n_scales, n_columns = bank.n_columns >> n_scales;
  require(n_rows > 0 && n_columns > 0 && n_rows << n_scales == bank.n_rows &&
              n_columns << n_scales == bank.n_columns,
          "filters must have a multiple of 2^scales rows and columns");
  const ImageStack stack{images.data(), images.shape(0), images.shape(1), images.shape(2)};
  require(stack.height > 0 && stack.width > 0 && stack.height <= bank.n_rows &&
              stack.width <= bank.n_columns && bank.n_rows < 32768 && bank.n_columns < 32768,
          "images must fit into the filters");
  const std::size_t n_paths = count_paths(n_scales, bank.n_orientations, order);
  require(out.shape(0) == stack.n && out.shape(1) == n_paths && out.shape(2) == n_rows &&
              out.shape(3) == n_columns,
          "there must be room for every path of every image");
  const nb::gil_scoped_release release;
  scatter(stack, bank, order, n_threads, out.data());
}

}  // namespace

void bind_scattering(nb::module_& module) {
  module.def("scatter", &scatter_images, "images"_a.noconvert(), "wavelets"_a.noconvert(),
             "low_rows"_a.noconvert(), "low_columns"_a.noconvert(), "order"_a, "n_threads"_a, "out"_a.noconvert());
}

}  // namespace inkmeans
