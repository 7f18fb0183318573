// Arrays in, arrays out, the interpreter's lock released. No logic: see the drivers.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <nanobind/stl/optional.h>

#include "assign.hpp"
#include "directions.hpp"
#include "lloyd.hpp"
#include "neighbours.hpp"
#include "seeding.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace inkmeans {
namespace {

template <class T, class... Shape>
using In = nb::ndarray<const T, nb::numpy, nb::c_contig, nb::device::cpu, Shape...>;
template <class T>
using InMatrix = In<T, nb::ndim<2>>;
template <class T>
using InVector = In<T, nb::ndim<1>>;
template <class T>
using Out = nb::ndarray<T, nb::numpy>;

template <class T>
Matrix<T> view(const InMatrix<T>& array) {
  return {array.data(), array.shape(0), array.shape(1)};
}

template <class T>
Out<T> make(std::initializer_list<std::size_t> shape) {
  std::size_t size = 1;
  for (std::size_t extent : shape) size *= extent;
  auto data = std::make_unique<T[]>(size);
  nb::capsule owner(data.get(), [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return Out<T>(data.release(), shape, owner);
}

template <class T>
const T* pointer(const std::optional<InVector<T>>& array) {
  return array ? array->data() : nullptr;
}

// What a caller passes of directions: basis (p, d), center (d,).
using Given = std::optional<nb::tuple>;

struct DirectionsView {
  explicit DirectionsView(const Given& given) {
    if (!given) return;
    basis = nb::cast<InMatrix<double>>((*given)[0]);
    center = nb::cast<InVector<double>>((*given)[1]);
    directions = {view(basis), center.data()};
    present = true;
  }
  const Directions* get() const { return present ? &directions : nullptr; }
  // Of the sketches: one element more than there are directions.
  std::size_t length() const { return present ? directions.basis.n_rows + 1 : 0; }

  InMatrix<double> basis;
  InVector<double> center;
  Directions directions{};
  bool present = false;
};

template <class T>
void bind_assigner(nb::module_& module, const char* name) {
  using Class = Assigner<T>;
  nb::class_<Class>(module, name)
      .def(
          "__init__",
          [](Class* self, InMatrix<T> rows, std::size_t n_clusters,
             std::optional<InVector<double>> weights, const Given& given, int n_threads) {
            const DirectionsView directions(given);
            const nb::gil_scoped_release release;
            new (self) Class(view(rows), n_clusters, pointer(weights), directions.get(), directions.length(),
                             n_threads);
          },
          "rows"_a.noconvert(), "n_clusters"_a, "weights"_a.none(), "directions"_a.none(), "n_threads"_a,
          nb::keep_alive<1, 2>(), nb::keep_alive<1, 4>())
      .def(
          "update",
          [](Class& self, InMatrix<double> centroids) {
            const nb::gil_scoped_release release;
            return self.update(centroids.data());
          },
          "centroids"_a)
      .def("labels",
           [](const Class& self) {
             auto out = make<std::int32_t>({self.labels().size()});
             std::copy(self.labels().begin(), self.labels().end(), out.data());
             return out;
           })
      .def("sums",
           [](const Class& self) {
             auto sums = make<double>({self.n_clusters(), self.n_columns()});
             {
               const nb::gil_scoped_release release;
               self.copy_sums(sums.data());
             }
             return sums;
           })
      .def("counts",
           [](const Class& self) {
             auto out = make<double>({self.n_clusters()});
             std::copy(self.counts().begin(), self.counts().end(), out.data());
             return out;
           })
      .def("distances",
           [](const Class& self) {
             auto out = make<double>({self.labels().size()});
             {
               const nb::gil_scoped_release release;
               self.distances(out.data());
             }
             return out;
           })
      .def("inertia", &Class::inertia, nb::call_guard<nb::gil_scoped_release>());
}

template <class T>
void bind_functions(nb::module_& module) {
  module.def(
      "choose_directions",
      [](InMatrix<T> rows, std::size_t n_directions) {
        auto basis = make<double>({n_directions, rows.shape(1)});
        auto center = make<double>({rows.shape(1)});
        {
          const nb::gil_scoped_release release;
          const ChosenDirections chosen = choose_directions(view(rows), n_directions);
          std::copy(chosen.basis.begin(), chosen.basis.end(), basis.data());
          std::copy(chosen.center.begin(), chosen.center.end(), center.data());
        }
        return nb::make_tuple(basis, center);
      },
      "rows"_a.noconvert(), "n_directions"_a);
  module.def(
      "assign",
      [](InMatrix<T> rows, InMatrix<double> centroids, const Given& given, int n_threads) {
        auto labels = make<std::int32_t>({rows.shape(0)});
        const DirectionsView directions(given);
        {
          const nb::gil_scoped_release release;
          assign(view(rows), view(centroids), directions.get(), directions.length(), n_threads, labels.data());
        }
        return labels;
      },
      "rows"_a.noconvert(), "centroids"_a, "directions"_a.none(), "n_threads"_a);
  module.def(
      "assigned_distances",
      [](InMatrix<T> rows, InVector<std::int32_t> labels, InMatrix<double> centroids, int n_threads) {
        auto out = make<double>({rows.shape(0)});
        {
          const nb::gil_scoped_release release;
          assigned_distances(view(rows), labels.data(), view(centroids), n_threads, out.data());
        }
        return out;
      },
      "rows"_a.noconvert(), "labels"_a, "centroids"_a, "n_threads"_a);
  module.def(
      "cluster_sums",
      [](InMatrix<T> rows, InVector<std::int32_t> labels, std::size_t n_clusters,
         std::optional<InVector<double>> weights, int n_threads) {
        auto sums = make<double>({n_clusters, rows.shape(1)});
        auto counts = make<double>({n_clusters});
        {
          const nb::gil_scoped_release release;
          add_up(view(rows), labels.data(), pointer(weights), n_threads,
                 std::vector<char>(n_clusters, 1), sums.data(), counts.data());
        }
        return nb::make_tuple(sums, counts);
      },
      "rows"_a.noconvert(), "labels"_a, "n_clusters"_a, "weights"_a.none(), "n_threads"_a);
  module.def(
      "kmeans_plusplus",
      [](InMatrix<T> rows, std::size_t n_clusters, std::optional<InVector<double>> weights,
         std::size_t first, InMatrix<double> draws, const Given& given, int n_threads) {
        auto chosen = make<std::int64_t>({n_clusters});
        const DirectionsView directions(given);
        {
          const nb::gil_scoped_release release;
          kmeans_plusplus(view(rows), n_clusters, pointer(weights), first,
                          Draws{draws.data(), draws.shape(1)}, directions.get(), n_threads,
                          chosen.data());
        }
        return chosen;
      },
      "rows"_a.noconvert(), "n_clusters"_a, "weights"_a.none(), "first"_a, "draws"_a,
      "directions"_a.none(), "n_threads"_a);
  module.def(
      "nearest_neighbors",
      [](InMatrix<T> queries, InMatrix<T> rows, std::size_t n_neighbors, const Given& given,
         int n_threads) {
        auto indices = make<std::int32_t>({queries.shape(0), n_neighbors});
        auto distances = make<double>({queries.shape(0), n_neighbors});
        const DirectionsView directions(given);
        {
          const nb::gil_scoped_release release;
          if constexpr (std::is_same_v<T, std::uint8_t>)
            nearest_neighbors(view(queries), view(rows), n_neighbors, directions.get(), n_threads,
                              indices.data(), distances.data());
          else
            nearest_neighbors(view(queries), view(rows), n_neighbors, n_threads, indices.data(),
                              distances.data());
        }
        return nb::make_tuple(indices, distances);
      },
      "queries"_a.noconvert(), "rows"_a.noconvert(), "n_neighbors"_a, "directions"_a.none(),
      "n_threads"_a);
}

NB_MODULE(_native, module) {
  module.doc() = "The kernels in C++: called by inkmeans.engine.native, which checks what it passes.";
  bind_assigner<std::uint8_t>(module, "AssignerU8");
  bind_assigner<float>(module, "AssignerF32");
  bind_assigner<double>(module, "AssignerF64");
  bind_functions<std::uint8_t>(module);
  bind_functions<float>(module);
  bind_functions<double>(module);
  module.def("available_levels", [] {
    std::vector<std::string> names;
    for (Level level : available_levels()) names.emplace_back(level_name(level));
    return names;
  });
  module.def("level", [] { return std::string(level_name(current_level())); });
  module.def("force_level", &force_level, "name"_a);
}

}  // namespace
}  // namespace inkmeans
