#include "similar.hpp"

#include <algorithm>
#include <numeric>

namespace inkmeans {
namespace {

void split(std::vector<std::int32_t>& items, std::size_t begin, std::size_t end, std::size_t group_size,
           const double* centroids, std::size_t d) {
  const std::size_t n_groups = (end - begin + group_size - 1) / group_size;
  if (n_groups <= 1) return;
  std::vector<double> sums(d, 0.0), squares(d, 0.0);
  for (std::size_t i = begin; i < end; ++i) {
    const double* row = centroids + static_cast<std::size_t>(items[i]) * d;
    for (std::size_t l = 0; l < d; ++l) {
      sums[l] += row[l];
      squares[l] += row[l] * row[l];
    }
  }
  const double count = static_cast<double>(end - begin);
  std::size_t widest = 0;
  double most = -1;
  for (std::size_t l = 0; l < d; ++l) {
    const double variance = squares[l] - sums[l] * sums[l] / count;
    if (variance > most) {
      most = variance;
      widest = l;
    }
  }
  const std::size_t middle = begin + n_groups / 2 * group_size;
  std::nth_element(items.begin() + static_cast<std::ptrdiff_t>(begin),
                   items.begin() + static_cast<std::ptrdiff_t>(middle),
                   items.begin() + static_cast<std::ptrdiff_t>(end),
                   [&](std::int32_t a, std::int32_t b) {
                     const double left = centroids[static_cast<std::size_t>(a) * d + widest];
                     const double right = centroids[static_cast<std::size_t>(b) * d + widest];
                     return left < right || (left == right && a < b);
                   });
  split(items, begin, middle, group_size, centroids, d);
  split(items, middle, end, group_size, centroids, d);
}

}  // namespace

std::vector<std::int32_t> order_by_similarity(Matrix<double> rows, std::size_t group_size) {
  std::vector<std::int32_t> items(rows.n_rows);
  std::iota(items.begin(), items.end(), 0);
  split(items, 0, items.size(), group_size, rows.data, rows.n_columns);
  return items;
}

}  // namespace inkmeans
