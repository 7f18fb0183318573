#include "assign.hpp"

#include <algorithm>

#include "lloyd.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRowBlock = 256;

}  // namespace

template <class T>
void assign(Matrix<T> rows, Matrix<double> centroids, const Directions* directions,
            std::size_t sketch_length, int n_threads, std::int32_t* labels) {
  Assigner<T> assigner(rows, centroids.n_rows, nullptr, directions, sketch_length, n_threads);
  assigner.update_once(centroids.data);
  std::copy(assigner.labels().begin(), assigner.labels().end(), labels);
}

template <class T>
void assigned_distances(Matrix<T> rows, const std::int32_t* labels, Matrix<double> centroids,
                        int n_threads, double* out) {
  for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i)
      out[i] = squared_distance(rows.row(i), centroids.row(static_cast<std::size_t>(labels[i])),
                                rows.n_columns);
  });
}

template <class T, class Sum>
void add_up(Matrix<T> rows, const std::int32_t* labels, const double* weights, int n_threads,
            const std::vector<char>& affected, Sum* sums, double* counts) {
  const std::size_t d = rows.n_columns;
  for (std::size_t j = 0; j < affected.size(); ++j)
    if (affected[j]) {
      std::fill(sums + j * d, sums + (j + 1) * d, Sum{0});
      counts[j] = 0;
    }
  for (std::size_t i = 0; i < rows.n_rows; ++i)
    if (affected[static_cast<std::size_t>(labels[i])])
      counts[labels[i]] += weights != nullptr ? weights[i] : 1.0;
  const std::size_t share = d / static_cast<std::size_t>(std::max(n_threads, 1)) + 1;
  for_blocks(d, std::max<std::size_t>(share, 16), n_threads, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = 0; i < rows.n_rows; ++i) {
      const auto cluster = static_cast<std::size_t>(labels[i]);
      if (!affected[cluster]) continue;
      const T* row = rows.row(i);
      Sum* sum = sums + cluster * d;
      if (weights == nullptr)
        for (std::size_t l = begin; l < end; ++l) sum[l] += static_cast<Sum>(row[l]);
      else
        for (std::size_t l = begin; l < end; ++l)
          sum[l] += static_cast<Sum>(weights[i] * static_cast<double>(row[l]));
    }
  });
}

#define INKMEANS_FOR(T)                                                                              \
  template void assign(Matrix<T>, Matrix<double>, const Directions*, std::size_t, int, std::int32_t*); \
  template void assigned_distances(Matrix<T>, const std::int32_t*, Matrix<double>, int, double*);    \
  template void add_up(Matrix<T>, const std::int32_t*, const double*, int, const std::vector<char>&, \
                       double*, double*);
INKMEANS_FOR(std::uint8_t)
INKMEANS_FOR(float)
INKMEANS_FOR(double)
#undef INKMEANS_FOR
template void add_up(Matrix<std::uint8_t>, const std::int32_t*, const double*, int,
                     const std::vector<char>&, std::int64_t*, double*);
template void add_up(Matrix<float>, const std::int32_t*, const double*, int, const std::vector<char>&,
                     std::int64_t*, double*);
template void add_up(Matrix<double>, const std::int32_t*, const double*, int, const std::vector<char>&,
                     std::int64_t*, double*);

}  // namespace inkmeans
