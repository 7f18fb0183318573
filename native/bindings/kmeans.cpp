// K-means and neighbours: arrays in, arrays out, the interpreter's lock released. No logic but that
// sizes have to fit: see the drivers.
#include <algorithm>
#include <optional>
#include <utility>

#include "assign.hpp"
#include "bindings/arrays.hpp"
#include "directions.hpp"
#include "lloyd.hpp"
#include "neighbours.hpp"
#include "seeding.hpp"

namespace inkmeans {
namespace {

void require_labels(const InVector<std::int32_t>& labels, std::size_t n_rows, std::size_t n_clusters) {
  require(labels.shape(0) == n_rows, "there must be a label of each row");
  const std::int32_t* end = labels.data() + n_rows;
  require(std::all_of(labels.data(), end, [&](auto label) { return label >= 0 && static_cast<std::size_t>(label) < n_clusters; }),
          "labels must be from 0 to the number of clusters less one");
}

template <class T>
void require_weights(const std::optional<InVector<T>>& weights, std::size_t n_rows) {
  require(!weights || weights->shape(0) == n_rows, "there must be a weight of each row");
}

template <class T>
const T* pointer(const std::optional<InVector<T>>& array) {
  return array ? array->data() : nullptr;
}

// What a caller passes of directions: basis (p, d), center (d,).
using Given = std::optional<std::pair<InMatrix<double>, InVector<double>>>;

class DirectionsView {
 public:
  DirectionsView(const Given& given, std::size_t n_columns) : present_(given.has_value()) {
    if (!present_) return;
    const auto& [basis, center] = *given;
    directions_ = {view(basis), center.data()};
    require(basis.shape(1) == n_columns && center.shape(0) == n_columns, "directions must be as long as rows");
    require(length() % 16 == 0, "directions must be one less than a multiple of 16");
  }
  // Tiers of sketches are cut at a half or at a quarter: see the drivers of seeding and neighbours.
  void require_tiers() const {
    require(!present_ || length() == 32 || length() % 64 == 0, "directions must be 31, or one less than a multiple of 64");
  }
  const Directions* get() const { return present_ ? &directions_ : nullptr; }
  // Of the sketches: one element more than there are directions.
  std::size_t length() const { return present_ ? directions_.basis.n_rows + 1 : 0; }

 private:
  Directions directions_{};
  bool present_;
};

template <class T>
void bind_assigner(nb::module_& module, const char* name) {
  using Class = Assigner<T>;
  nb::class_<Class>(module, name)
      .def(
          "__init__",
          [](Class* self, InMatrix<T> rows, std::size_t n_clusters,
             std::optional<InVector<double>> weights, const Given& given, int n_threads) {
            require(n_clusters > 0, "there must be a cluster");
            require_weights(weights, rows.shape(0));
            const DirectionsView directions(given, rows.shape(1));
            const nb::gil_scoped_release release;
            new (self) Class(view(rows), n_clusters, pointer(weights), directions.get(), directions.length(),
                             n_threads);
          },
          "rows"_a.noconvert(), "n_clusters"_a, "weights"_a.noconvert().none(), "directions"_a.none(),
          "n_threads"_a, nb::keep_alive<1, 2>(), nb::keep_alive<1, 4>())
      .def(
          "update",
          [](Class& self, InMatrix<double> centroids) {
            require(centroids.shape(0) == self.n_clusters() && centroids.shape(1) == self.n_columns(),
                    "centroids must be of shape (n_clusters, n_columns)");
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
             require(self.updated(), "there are no centroids yet");
             auto out = make<double>({self.labels().size()});
             {
               const nb::gil_scoped_release release;
               self.distances(out.data());
             }
             return out;
           })
      .def("inertia", [](const Class& self) {
        require(self.updated(), "there are no centroids yet");
        const nb::gil_scoped_release release;
        return self.inertia();
      });
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
        return std::pair(basis, center);
      },
      "rows"_a.noconvert(), "n_directions"_a);
  module.def(
      "assign",
      [](InMatrix<T> rows, InMatrix<double> centroids, const Given& given, int n_threads) {
        require(centroids.shape(0) > 0 && centroids.shape(1) == rows.shape(1), "centroids must be as long as rows");
        auto labels = make<std::int32_t>({rows.shape(0)});
        const DirectionsView directions(given, rows.shape(1));
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
        require(centroids.shape(1) == rows.shape(1), "centroids must be as long as rows");
        require_labels(labels, rows.shape(0), centroids.shape(0));
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
        require_labels(labels, rows.shape(0), n_clusters);
        require_weights(weights, rows.shape(0));
        auto sums = make<double>({n_clusters, rows.shape(1)});
        auto counts = make<double>({n_clusters});
        {
          const nb::gil_scoped_release release;
          add_up(view(rows), labels.data(), pointer(weights), n_threads,
                 std::vector<char>(n_clusters, 1), sums.data(), counts.data());
        }
        return std::pair(sums, counts);
      },
      "rows"_a.noconvert(), "labels"_a, "n_clusters"_a, "weights"_a.none(), "n_threads"_a);
  module.def(
      "kmeans_plusplus",
      [](InMatrix<T> rows, std::size_t n_clusters, std::optional<InVector<double>> weights,
         std::size_t first, InMatrix<double> draws, const Given& given, int n_threads) {
        require(n_clusters > 0 && first < rows.shape(0), "there must be a first row");
        require(draws.shape(0) + 1 >= n_clusters && draws.shape(1) > 0, "there must be draws of each step");
        require_weights(weights, rows.shape(0));
        auto chosen = make<std::int64_t>({n_clusters});
        const DirectionsView directions(given, rows.shape(1));
        directions.require_tiers();
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
      [](InMatrix<T> queries, InMatrix<T> rows, std::size_t n_neighbors, const Given& given, int n_threads,
         const std::optional<nb::typed<nb::callable, void(std::size_t)>>& report) {
        require(queries.shape(1) == rows.shape(1), "queries must be as long as rows");
        require(n_neighbors > 0 && n_neighbors <= rows.shape(0), "there must be as many rows as neighbors");
        auto indices = make<std::int32_t>({queries.shape(0), n_neighbors});
        auto distances = make<double>({queries.shape(0), n_neighbors});
        const DirectionsView directions(given, rows.shape(1));
        directions.require_tiers();
        {
          const nb::gil_scoped_release release;
          Report tell;
          if (report)
            tell = [&](std::size_t n_done) {
              const nb::gil_scoped_acquire hold;
              (*report)(n_done);
            };
          nearest_neighbors(view(queries), view(rows), n_neighbors, directions.get(), n_threads, tell,
                            indices.data(), distances.data());
        }
        return std::pair(indices, distances);
      },
      "queries"_a.noconvert(), "rows"_a.noconvert(), "n_neighbors"_a, "directions"_a.none(),
      "n_threads"_a, "report"_a.none() = nb::none());
}

}  // namespace

void bind_kmeans(nb::module_& module) {
  bind_assigner<std::uint8_t>(module, "AssignerU8");
  bind_assigner<float>(module, "AssignerF32");
  bind_assigner<double>(module, "AssignerF64");
  bind_functions<std::uint8_t>(module);
  bind_functions<float>(module);
  bind_functions<double>(module);
}

}  // namespace inkmeans
