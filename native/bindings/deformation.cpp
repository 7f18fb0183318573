// The image deformation distance: arrays in, arrays out, the interpreter's lock released.
#include "deformation.hpp"

#include <algorithm>

#include "bindings/arrays.hpp"

namespace inkmeans {
namespace {

using Images = In<std::uint8_t, nb::ndim<3>>;
using Pixels = In<std::int8_t, nb::shape<-1, -1, -1, 2>>;
using Lists = InMatrix<std::int32_t>;
using Distances = nb::ndarray<std::int64_t, nb::numpy, nb::c_contig, nb::device::cpu, nb::ndim<2>>;

Gradients gradients(const Pixels& pixels) {
  return {pixels.data(), pixels.shape(0), {pixels.shape(1), pixels.shape(2)}};
}

Size size_of(const Images& images) { return {images.shape(1), images.shape(2)}; }

void require_pixels(const Images& images) {
  require(images.shape(1) > 0 && images.shape(2) > 0, "images must have pixels");
}

void compare(const DeformationComparer& self, const Lists& lists, std::size_t first, std::size_t last,
             int n_threads, Distances& forward, Distances& backward) {
  require(lists.shape(0) == self.n_queries(), "there must be a list of each query");
  require(first <= last && last <= lists.shape(0), "there are no such queries");
  for (const Distances* out : {&forward, &backward})
    require(out->shape(0) == lists.shape(0) && out->shape(1) == lists.shape(1), "results must be as large as lists");
  const auto n = static_cast<std::int64_t>(self.n_targets());
  require(std::all_of(lists.data(), lists.data() + lists.size(), [&](auto at) { return at >= 0 && at < n; }),
          "lists must name targets");
  const nb::gil_scoped_release release;
  self.compare({lists.data(), lists.shape(1)}, first, last, n_threads, {forward.data(), backward.data()});
}

}  // namespace

void bind_deformation(nb::module_& module) {
  module.def("largest_gradient", &largest_gradient, "context"_a);
  module.def(
      "steepest_slope",
      [](const Images& images, int n_threads) {
        require_pixels(images);
        const nb::gil_scoped_release release;
        return steepest_slope(images.data(), images.shape(0), size_of(images), n_threads);
      },
      "images"_a.noconvert(), "n_threads"_a);
  module.def(
      "sobel_gradients",
      [](const Images& images, int unit, int limit, int n_threads) {
        require_pixels(images);
        require(unit > 0 && limit > 0 && limit <= largest_gradient(0), "gradients must fit 8 bits");
        auto out = make<std::int8_t>({images.shape(0), images.shape(1), images.shape(2), 2});
        {
          const nb::gil_scoped_release release;
          sobel_gradients(images.data(), images.shape(0), size_of(images), unit, limit, n_threads, out.data());
        }
        return out;
      },
      "images"_a.noconvert(), "unit"_a, "limit"_a, "n_threads"_a);
  nb::class_<DeformationComparer>(module, "DeformationComparer")
      .def(
          "__init__",
          [](DeformationComparer* self, const Pixels& queries, const Pixels& targets, bool same, std::size_t warp,
             std::size_t context) {
            require(queries.shape(1) == targets.shape(1) && queries.shape(2) == targets.shape(2),
                    "images must be of one size");
            require(queries.shape(1) > 0 && queries.shape(2) > 0, "images must have pixels");
            require(context < DeformationTiles::kContexts, "the context must be 0, 1 or 2");
            require(!same || queries.shape(0) == targets.shape(0), "queries must be the targets");
            const nb::gil_scoped_release release;
            new (self) DeformationComparer(gradients(queries), gradients(targets), same, warp, context);
          },
          "queries"_a.noconvert(), "targets"_a.noconvert(), "same"_a, "warp"_a, "context"_a,
          nb::keep_alive<1, 2>(), nb::keep_alive<1, 3>())
      .def("compare", &compare, "lists"_a.noconvert(), "first"_a, "last"_a, "n_threads"_a,
           "forward"_a.noconvert(), "backward"_a.noconvert());
}

}  // namespace inkmeans
