// The drivers against plain loops. All values are multiples of 1/4 that float32 holds exactly, so that
// the loops can count in int64, and every label, sum and neighbour has to be equal.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

#include "assign.hpp"
#include "checks/check.hpp"
#include "directions.hpp"
#include "lloyd.hpp"
#include "neighbours.hpp"
#include "seeding.hpp"

namespace inkmeans {
namespace {

// A matrix of multiples of 1/4, and what it is times 4.
template <class T>
struct Exact {
  std::size_t n_rows, n_columns;
  std::vector<T> values;
  std::vector<std::int64_t> quarters;

  Exact(std::size_t n, std::size_t d) : n_rows(n), n_columns(d), values(n * d), quarters(n * d) {}
  Matrix<T> view() const { return {values.data(), n_rows, n_columns}; }
  void set(std::size_t at, std::int64_t quarter) {
    quarters[at] = quarter;
    values[at] = static_cast<T>(static_cast<double>(quarter) / 4);
  }
};

template <class T, class U>
std::int64_t apart(const Exact<T>& a, std::size_t i, const Exact<U>& b, std::size_t j) {
  std::int64_t sum = 0;
  for (std::size_t l = 0; l < a.n_columns; ++l) {
    const std::int64_t step = a.quarters[i * a.n_columns + l] - b.quarters[j * b.n_columns + l];
    sum += step * step;
  }
  return sum;
}

template <class T>
Exact<T> random_rows(std::size_t n, std::size_t d) {
  constexpr bool is_bytes = std::is_same_v<T, std::uint8_t>;
  Exact<T> rows(n, d);
  const std::size_t kind = uniform(0, 7);
  const std::int64_t offset = kind == 5 ? (is_bytes ? 4 * 200 : 1 << 22) : 0;
  const std::size_t n_different = kind == 4 ? 1 + n / 8 : kind == 6 ? 1 : n;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < d; ++l) {
      const std::size_t at = i * d + l;
      if (i >= n_different) {
        rows.set(at, rows.quarters[(i % n_different) * d + l]);
        continue;
      }
      std::int64_t value = 0;
      if (kind == 0 || kind == 4 || kind == 6) value = static_cast<std::int64_t>(uniform(0, 255));
      if (kind == 1) value = uniform(0, 1) == 0 ? 0 : 255;
      if (kind == 2) value = uniform(0, 19) == 0 ? static_cast<std::int64_t>(uniform(0, 255)) : 0;
      if (kind == 3) value = static_cast<std::int64_t>((i * 7 + (l % 3) * i) % 251);  // low rank
      if (kind == 5) value = static_cast<std::int64_t>(uniform(0, 55));
      if (kind == 7 && l % 9 == 0) value = static_cast<std::int64_t>(uniform(0, 255));  // sketches tell all
      rows.set(at, offset + (is_bytes ? 4 * value : value - 100));
    }
  return rows;
}

// Directions of all sorts, good and useless: none may change a result.
struct SomeDirections {
  std::vector<double> basis, center;
  std::size_t length = 0;
  bool present = false;

  template <class T>
  static SomeDirections of(Matrix<T> rows, std::size_t length, std::size_t kind = uniform(0, 4)) {
    SomeDirections made;
    const std::size_t d = rows.n_columns, p = length - 1;
    if (kind == 0) return made;
    made.present = true;
    made.length = length;
    if (kind == 1) {
      ChosenDirections chosen = choose_directions(rows, p);
      made.basis = chosen.basis;
      made.center = chosen.center;
      return made;
    }
    made.center.assign(d, 0.0);
    for (std::size_t l = 0; l < d && kind != 4; ++l) made.center[l] = static_cast<double>(rows.row(0)[l]);
    made.basis.assign(p * d, 0.0);  // kind 4: directions of zeros
    for (std::size_t i = 0; i < p; ++i)
      for (std::size_t l = 0; l < d; ++l) {
        if (kind == 2) made.basis[i * d + l] = std::uniform_real_distribution<>(-1, 1)(generator);
        if (kind == 3) made.basis[i * d + l] = l < i ? -1 : l == i ? 1 : 0;  // far from orthogonal
      }
    return made;
  }
  Directions view() const { return {{basis.data(), basis.size() / center.size(), center.size()}, center.data()}; }
};

template <class T>
std::vector<std::int32_t> plain_labels(const Exact<T>& rows, const Exact<double>& centroids) {
  std::vector<std::int32_t> labels(rows.n_rows);
  for (std::size_t i = 0; i < rows.n_rows; ++i) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t j = 0; j < centroids.n_rows; ++j) {
      const std::int64_t found = apart(rows, i, centroids, j);
      if (found < least) {
        least = found;
        labels[i] = static_cast<std::int32_t>(j);
      }
    }
  }
  return labels;
}

// What an assigner says, recomputed; and new centroids: means rounded to 1/4, which often sway a little,
// so that rows go to and fro; and now and then one jumps.
template <class T>
void check_update(const Exact<T>& rows, const std::vector<double>& weights, Exact<double>& centroids,
                  Assigner<T>& assigner, Check& check) {
  const std::size_t d = rows.n_columns, k = centroids.n_rows;
  std::vector<std::int64_t> sums(k * d, 0);
  std::vector<double> counts(k, 0.0), distances(rows.n_rows), found_sums(k * d), found_distances(rows.n_rows);
  double inertia = 0;
  for (std::size_t i = 0; i < rows.n_rows; ++i) {
    const auto j = static_cast<std::size_t>(assigner.labels()[i]);
    const double weight = weights.empty() ? 1.0 : weights[i];
    counts[j] += weight;
    for (std::size_t l = 0; l < d; ++l) sums[j * d + l] += static_cast<std::int64_t>(weight) * rows.quarters[i * d + l];
    distances[i] = static_cast<double>(apart(rows, i, centroids, j)) / 16;
    inertia += weight * distances[i];
  }
  assigner.copy_sums(found_sums.data());
  assigner.distances(found_distances.data());
  bool equal = true;
  for (std::size_t at = 0; at < sums.size(); ++at) equal = equal && found_sums[at] * 4 == static_cast<double>(sums[at]);
  check.expect(equal && assigner.counts() == counts, "sums and counts");
  check.expect(found_distances == distances, "distances");
  check.expect(std::abs(assigner.inertia() - inertia) <= 1e-11 * inertia, "inertia");
  for (std::size_t j = 0; j < k; ++j)
    for (std::size_t l = 0; l < d && counts[j] > 0; ++l)
      centroids.set(j * d + l, std::llround(static_cast<double>(sums[j * d + l]) / counts[j]));
  if (uniform(0, 1) == 0)
    for (std::size_t at = 0; at < k * d; ++at)
      centroids.set(at, centroids.quarters[at] + static_cast<std::int64_t>(uniform(0, 16)) - 8);
  if (uniform(0, 3) == 0) {
    const std::size_t jumps = uniform(0, k - 1), to = uniform(0, rows.n_rows - 1);
    for (std::size_t l = 0; l < d; ++l) centroids.set(jumps * d + l, rows.quarters[to * d + l] * (jumps % 2 == 0 ? 1 : -3));
  }
}

template <class T>
void check_assigner(int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t n = uniform(1, 700), d = uniform(1, 100), k = std::min<std::size_t>(n, uniform(1, 60));
    const Exact<T> rows = random_rows<T>(n, d);
    Exact<double> centroids(k, d);
    for (std::size_t j = 0; j < k; ++j) {
      const std::size_t from = uniform(0, n - 1), shift = uniform(0, 1);
      for (std::size_t l = 0; l < d; ++l)
        centroids.set(j * d + l, rows.quarters[from * d + l] + static_cast<std::int64_t>(shift * uniform(0, 2)));
    }
    std::vector<double> weights;
    if (uniform(0, 2) == 0) weights = random_values<double>(n, 0, 4);
    const auto directions = SomeDirections::of(rows.view(), 16 * uniform(1, 4));
    const Directions view = directions.present ? directions.view() : Directions{};
    const int n_threads = static_cast<int>(uniform(1, 3));
    std::vector<std::int32_t> once(n), before(n, -1);
    assign(rows.view(), Matrix<double>{centroids.values.data(), k, d}, directions.present ? &view : nullptr,
           directions.length, n_threads, once.data());
    check.expect(once == plain_labels(rows, centroids), "assign");
    Assigner<T> assigner(rows.view(), k, weights.empty() ? nullptr : weights.data(),
                         directions.present ? &view : nullptr, directions.length, n_threads);
    for (int update = 0; update < 8; ++update) {
      const std::size_t changed = assigner.update(centroids.values.data());
      std::size_t expected = 0;
      for (std::size_t r = 0; r < n; ++r) expected += assigner.labels()[r] != before[r];
      before = assigner.labels();
      check.expect(changed == expected, "changes are counted");
      check.expect(before == plain_labels(rows, centroids), "labels");
      if (update == 2) check.expect(assigner.update(centroids.values.data()) == 0, "a second update changes nothing");
      check_update(rows, weights, centroids, assigner, check);
    }
  }
}

// Groups of centroids that are far from each other, and rows that go to and fro between them.
template <class T>
void check_swaying(Check& check) {
  const std::size_t n = 600, d = 40, active = 5, k = 60;
  Exact<T> rows(n, d);
  Exact<double> start(k, d), centroids(k, d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < active; ++l) rows.set(i * d + l, 4 * static_cast<std::int64_t>(uniform(0, 255)));
  for (std::size_t at = 0; at < k * d; ++at) start.set(at, rows.quarters[at]);
  const SomeDirections directions = SomeDirections::of(rows.view(), 16, 1);
  const Directions view = directions.view();
  Assigner<T> assigner(rows.view(), k, nullptr, &view, directions.length, 2);
  for (int update = 0; update < 12; ++update) {
    for (std::size_t j = 0; j < k; ++j)
      for (std::size_t l = 0; l < active; ++l)
        centroids.set(j * d + l, start.quarters[j * d + l] + 4 * static_cast<std::int64_t>(uniform(0, 4)) - 8);
    assigner.update(centroids.values.data());
    check.expect(assigner.labels() == plain_labels(rows, centroids), "labels");
  }
}

template <class T>
std::vector<std::int64_t> plain_seeding(const Exact<T>& rows, std::size_t k, std::size_t first,
                                        const std::vector<double>& draws, std::size_t n_trials) {
  const std::size_t n = rows.n_rows;
  std::vector<std::int64_t> chosen{static_cast<std::int64_t>(first)}, closest(n), trial(n);
  for (std::size_t i = 0; i < n; ++i) closest[i] = apart(rows, i, rows, first);
  for (std::size_t step = 1; step < k; ++step) {
    const std::int64_t total = std::accumulate(closest.begin(), closest.end(), std::int64_t{0});
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> best;
    std::size_t best_row = 0;
    for (std::size_t t = 0; t < n_trials; ++t) {
      const double target = draws[(step - 1) * n_trials + t] * (static_cast<double>(total) / 16);
      std::size_t row = n - 1;
      std::int64_t reached = 0;
      for (std::size_t i = 0; i < n; ++i)
        if (static_cast<double>(reached += closest[i]) / 16 >= target) {
          row = i;
          break;
        }
      for (std::size_t i = 0; i < n; ++i) trial[i] = std::min(closest[i], apart(rows, i, rows, row));
      const std::int64_t left = std::accumulate(trial.begin(), trial.end(), std::int64_t{0});
      if (left < least) {
        least = left;
        best = trial;
        best_row = row;
      }
    }
    closest = best;
    chosen.push_back(static_cast<std::int64_t>(best_row));
  }
  return chosen;
}

template <class T>
void check_seeding(int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t n = uniform(1, 500), d = uniform(1, 100), k = std::min<std::size_t>(n, uniform(1, 12));
    const std::size_t n_trials = uniform(1, 20), first = uniform(0, n - 1);
    const Exact<T> rows = random_rows<T>(n, d);
    std::vector<double> draws((k - 1) * n_trials);
    for (double& draw : draws) draw = std::uniform_real_distribution<>(0, 1)(generator);
    const auto directions = SomeDirections::of(rows.view(), 32 * uniform(1, 2));
    const Directions view = directions.present ? directions.view() : Directions{};
    std::vector<std::int64_t> chosen(k);
    kmeans_plusplus(rows.view(), k, nullptr, first, Draws{draws.data(), n_trials}, directions.present ? &view : nullptr,
                    static_cast<int>(uniform(1, 3)), chosen.data());
    check.expect(chosen == plain_seeding(rows, k, first, draws, n_trials), "kmeans_plusplus");
  }
}

template <class T>
void check_neighbors(int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t n = uniform(1, 700), d = uniform(1, 100), m = uniform(1, 80);
    const std::size_t n_neighbors = std::min<std::size_t>(n, uniform(1, 12));
    const Exact<T> rows = random_rows<T>(n, d);
    Exact<T> queries(m, d);
    for (std::size_t q = 0; q < m; ++q) {
      const std::size_t from = uniform(0, n - 1);
      for (std::size_t l = 0; l < d; ++l) queries.set(q * d + l, rows.quarters[from * d + l]);
      queries.set(q * d, 4 * static_cast<std::int64_t>(uniform(0, 255)));
    }
    const int n_threads = static_cast<int>(uniform(1, 3));
    std::vector<std::int32_t> indices(m * n_neighbors);
    std::vector<double> distances(m * n_neighbors);
    const auto directions = SomeDirections::of(rows.view(), 64);
    const Directions view = directions.present ? directions.view() : Directions{};
    nearest_neighbors(queries.view(), rows.view(), n_neighbors, directions.present ? &view : nullptr, n_threads, {},
                      indices.data(), distances.data());
    for (std::size_t q = 0; q < m; ++q) {
      std::vector<std::int64_t> all(n);
      std::vector<std::int32_t> order(n);
      for (std::size_t r = 0; r < n; ++r) all[r] = apart(queries, q, rows, r);
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
        return all[static_cast<std::size_t>(a)] < all[static_cast<std::size_t>(b)];
      });
      bool equal = true;
      for (std::size_t at = 0; at < n_neighbors; ++at)
        equal = equal && indices[q * n_neighbors + at] == order[at] &&
                distances[q * n_neighbors + at] * 16 == static_cast<double>(all[static_cast<std::size_t>(order[at])]);
      check.expect(equal, "nearest_neighbors");
    }
  }
}

// uint8 rows as long and as bright as they can be: the sums come near the end of their integers.
void check_wide_rows(Check& check) {
  const std::size_t n = 6, d = kMostByteColumns, k = 3;
  Exact<std::uint8_t> rows(n, d);
  Exact<double> centroids(k, d);
  for (std::size_t at = 0; at < n * d; ++at)
    rows.set(at, 4 * static_cast<std::int64_t>(at / d < 4 ? 255 - uniform(0, 1) : uniform(0, 255)));
  for (std::size_t j = 0; j < k; ++j)
    for (std::size_t l = 0; l < d; ++l) centroids.set(j * d + l, rows.quarters[2 * j * d + l] + 1);
  const std::vector<std::int32_t> expected = plain_labels(rows, centroids);
  const SomeDirections directions = SomeDirections::of(rows.view(), 16, 1);
  const Directions view = directions.view();
  for (const Directions* given : {static_cast<const Directions*>(nullptr), &view}) {
    std::vector<std::int32_t> labels(n), indices(n * 2);
    std::vector<double> distances(n * 2);
    assign(rows.view(), Matrix<double>{centroids.values.data(), k, d}, given, 16, 2, labels.data());
    check.expect(labels == expected, "assign");
  }
  std::vector<std::int32_t> indices(n * n);
  std::vector<double> distances(n * n);
  nearest_neighbors(rows.view(), rows.view(), n, nullptr, 2, {}, indices.data(), distances.data());
  bool equal = true;
  for (std::size_t at = 0; at < n * n; ++at)
    equal = equal && distances[at] * 16 ==
                         static_cast<double>(apart(rows, at / n, rows, static_cast<std::size_t>(indices[at])));
  check.expect(equal, "nearest_neighbors");
}

template <class T>
void check_type(const std::string& where, int n_cases) {
  { Check check(where + " assigner"); check_assigner<T>(n_cases, check); }
  { Check check(where + " swaying"); check_swaying<T>(check); }
  { Check check(where + " seeding"); check_seeding<T>(n_cases, check); }
  { Check check(where + " neighbours"); check_neighbors<T>(n_cases, check); }
}

}  // namespace

void check_drivers(const std::string& level, int n_cases) {
  check_type<std::uint8_t>(level + " uint8", n_cases);
  check_type<float>(level + " float32", n_cases);
  check_type<double>(level + " float64", n_cases);
  { Check check(level + " wide rows"); check_wide_rows(check); }
}

}  // namespace inkmeans
