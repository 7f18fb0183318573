#include "neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "assign.hpp"
#include "codebook.hpp"
#include "simd/bits.hpp"
#include "threads.hpp"
#include "tiers.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kLanes = 16;      // queries that are looked at together
constexpr std::size_t kAhead = 8;        // rows from asking for a fine sketch to reading it
constexpr std::size_t kRowBlock = 256;  // rows between two looks at the limits
constexpr std::size_t kFirstRows = 32;   // rows of the first block
constexpr std::size_t kFewQueries = 32;  // fewer do not pay for sketches of the rows
constexpr std::size_t kReports = 16, kLeastReported = 4096;  // parts of the queries, and the least of one
constexpr std::size_t kQueryBlock = 64;  // queries that go through the same rows, so that these stay near

// The nearest rows found so far, as a heap with the farthest on top.
class Nearest {
 public:
  explicit Nearest(std::size_t n) : n_(n) { heap_.reserve(n + 1); }

  // Rows that are farther need not be offered.
  double limit() const {
    return heap_.size() < n_ ? std::numeric_limits<double>::infinity() : heap_.front().distance;
  }

  // Returns whether it is among the nearest.
  bool offer(double distance, std::int32_t index) {
    const Entry entry{distance, index};
    if (heap_.size() == n_) {
      if (!(entry < heap_.front())) return false;
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end());
    return true;
  }

  void write(std::int32_t* indices, double* distances) {
    std::sort_heap(heap_.begin(), heap_.end());
    for (std::size_t i = 0; i < heap_.size(); ++i) {
      indices[i] = heap_[i].index;
      distances[i] = heap_[i].distance;
    }
  }

 private:
  struct Entry {
    double distance;
    std::int32_t index;
    bool operator<(const Entry& other) const {
      return distance < other.distance || (distance == other.distance && index < other.index);
    }
  };
  std::size_t n_;
  std::vector<Entry> heap_;
};

// uint8 rows with their squared norms, padded only where the tiles need it.
class PaddedRows {
 public:
  PaddedRows(Matrix<std::uint8_t> rows, int n_threads)
      : rows_(rows), length_(round_up(rows.n_columns, kRowMultiple)), norms_(rows.n_rows) {
    if (length_ != rows.n_columns) {
      copy_.assign(rows.n_rows * length_, 0);
      for (std::size_t i = 0; i < rows.n_rows; ++i)
        std::copy(rows.row(i), rows.row(i) + rows.n_columns,
                  copy_.begin() + static_cast<std::ptrdiff_t>(i * length_));
    }
    for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t i = begin; i < end; ++i) norms_[i] = tiles().dot_u8_u8(row(i), row(i), length_);
    });
  }

  const std::uint8_t* row(std::size_t i) const {
    return copy_.empty() ? rows_.row(i) : copy_.data() + i * length_;
  }
  std::size_t length() const { return length_; }
  std::int64_t norm(std::size_t i) const { return norms_[i]; }

 private:
  Matrix<std::uint8_t> rows_;
  std::size_t length_;
  Aligned<std::uint8_t> copy_;
  std::vector<std::uint32_t> norms_;
};

// Exact squared distances of queries and rows: integers of bytes, otherwise summed in float64.
template <class T>
class Distances {
 public:
  Distances(Matrix<T> queries, Matrix<T> rows, int) : queries_(queries), rows_(rows) {}
  double operator()(std::size_t query, std::size_t row) const {
    return squared_distance(queries_.row(query), rows_.row(row), rows_.n_columns);
  }

 private:
  Matrix<T> queries_, rows_;
};

template <>
class Distances<std::uint8_t> {
 public:
  Distances(Matrix<std::uint8_t> queries, Matrix<std::uint8_t> rows, int n_threads)
      : tile_(tiles()), queries_(queries, n_threads), rows_(rows, n_threads) {}
  double operator()(std::size_t query, std::size_t row) const {
    const std::int64_t dot = tile_.dot_u8_u8(rows_.row(row), queries_.row(query), rows_.length());
    return static_cast<double>(rows_.norm(row) + queries_.norm(query) - 2 * dot);
  }

 private:
  const Tiles& tile_;
  PaddedRows queries_, rows_;
};

// How many elements of a sketch its coarse tier takes: enough for most of what rows differ in.
template <class T>
std::size_t coarse_length(Matrix<T> rows, const Projector<T>& projector) {
  constexpr std::size_t n_sample = 512, step = 16;
  constexpr double most = 0.85;
  const std::size_t n = std::min(n_sample, rows.n_rows), length = projector.length();
  std::vector<T> sample;
  for (std::size_t i = 0; i < n; ++i) {
    const T* row = rows.row(i * (rows.n_rows / n));
    sample.insert(sample.end(), row, row + rows.n_columns);
  }
  Sketches sketches(n, length);
  Sketches* const sets[] = {&sketches};
  sketch_rows(Matrix<T>{sample.data(), n, rows.n_columns}, projector, 1, sets, 1);
  std::vector<double> squares(length - 1, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t p = 0; p + 1 < length; ++p) squares[p] += std::pow(sketches.row(i)[p], 2);
  const double total = std::accumulate(squares.begin(), squares.end(), 0.0);
  double sum = 0;
  for (std::size_t p = 0; p + step < length; ++p) {
    sum += squares[p];
    if (sum >= most * total) return std::min(length - step, round_up(p + 2, step));
  }
  return length - step;
}

// Groups of similar vectors, each about the one of some rows, the pivots, that is nearest. Queries that
// begin with the rows of their own group, and go on with the nearest ones, soon have a close limit.
class Groups {
 public:
  template <class T>
  explicit Groups(Matrix<T> rows) : n_columns_(rows.n_columns) {
    const std::size_t n = std::min(kMostGroups, rows.n_rows / kGroupRows + 1);
    for (std::size_t group = 0; group < n; ++group) {
      const T* row = rows.row(group * (rows.n_rows / n));
      pivots_.insert(pivots_.end(), row, row + n_columns_);
    }
  }

  std::size_t size() const { return pivots_.size() / n_columns_; }

  // Rows group by group, in each by index; begins[g] is where those of group g begin.
  template <class T>
  std::vector<std::uint32_t> sort(Matrix<T> rows, int n_threads, std::vector<std::size_t>& begins) const {
    std::vector<std::int32_t> labels(rows.n_rows);
    assign(rows, Matrix<double>{pivots_.data(), size(), n_columns_}, nullptr, 0, n_threads, labels.data());
    begins.assign(size() + 1, 0);
    for (std::int32_t label : labels) ++begins[static_cast<std::size_t>(label) + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<std::size_t> next = begins;
    std::vector<std::uint32_t> order(rows.n_rows);
    for (std::size_t i = 0; i < rows.n_rows; ++i)
      order[next[static_cast<std::size_t>(labels[i])]++] = static_cast<std::uint32_t>(i);
    return order;
  }

  // All groups, those about the nearest pivots first.
  std::vector<std::size_t> nearest_first(std::size_t group) const {
    std::vector<double> apart(size());
    std::vector<std::size_t> order(size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t other = 0; other < size(); ++other)
      apart[other] = squared_distance(pivot(group), pivot(other), n_columns_);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return apart[a] < apart[b] || (apart[a] == apart[b] && a < b); });
    return order;
  }

 private:
  static constexpr std::size_t kMostGroups = 128, kGroupRows = 256;
  const double* pivot(std::size_t group) const { return pivots_.data() + group * n_columns_; }

  std::size_t n_columns_;
  std::vector<double> pivots_;
};

template <class T>
std::vector<T> gather(Matrix<T> rows, const std::vector<std::uint32_t>& order) {
  std::vector<T> out;
  out.reserve(order.size() * rows.n_columns);
  for (std::uint32_t i : order) out.insert(out.end(), rows.row(i), rows.row(i) + rows.n_columns);
  return out;
}

// Sketches of queries and rows in two tiers: which rows may be as near a query as a limit.
template <class T>
class Sieve {
 public:
  // Queries that are looked at together, and the bounds at their limits.
  struct Panel {
    std::size_t begin, end;
    Aligned<std::int16_t> values;
    std::int32_t lane_terms[kLanes], whole_terms[kLanes];  // ||z||^2 less the bound, of each query
  };

  // No query and no row but `far` ones is farther from the center than `farthest`; 0 as for Projector.
  Sieve(Matrix<T> queries, Matrix<T> rows, const Directions& directions, double farthest,
        const std::vector<char>& far, int n_threads)
      : tile_(tiles()),
        far_(far),
        projector_(directions, directions.basis.n_rows + 1, farthest),
        coarse_length_(coarse_length(rows, projector_)),
        rows_(rows, projector_, coarse_length_, n_threads),
        queries_(queries, projector_, coarse_length_, n_threads) {}

  void fill(Panel& panel) const {
    panel.values.assign(coarse_length_ * kLanes, 0);
    for (std::size_t q = panel.begin; q < panel.end; ++q)
      queries_.coarse().to_panel(q, q - panel.begin, kLanes, panel.values.data());
    std::fill(panel.lane_terms, panel.lane_terms + kLanes, std::numeric_limits<std::int32_t>::max() / 2);
  }

  void set_limit(std::size_t query, double squared, Panel& panel) const {
    const double reach = std::sqrt(squared);
    const std::size_t lane = query - panel.begin;
    panel.lane_terms[lane] = queries_.coarse().norms()[query] - rows_.coarse_limit(reach, queries_);
    panel.whole_terms[lane] = queries_.norm(query) - rows_.whole_limit(reach, queries_);
  }

  // Bit j of masks[i - first]: whether row i may be near the j-th query of the panel.
  void look(std::size_t first, std::size_t last, const Panel& panel, std::uint16_t* masks) const {
    const Sketches& coarse = rows_.coarse();
    tile_.within_s16(coarse.row(first), coarse.norms() + first, last - first, panel.values.data(), panel.lane_terms,
                     kLanes, coarse_length_ / 2, masks);
    if (far_.empty()) return;
    for (std::size_t i = first; i < last; ++i)
      if (far_[i]) masks[i - first] = everyone(panel);
  }

  bool look_closer(std::size_t row, const Panel& panel, std::size_t lane) const {
    if (!far_.empty() && far_[row]) return true;
    return rows_.norm(row) + panel.whole_terms[lane] - 2 * rows_.dot(row, queries_, panel.begin + lane) <= 0;
  }
  void prefetch(std::size_t row) const { rows_.prefetch_fine(row); }

  static std::uint16_t everyone(const Panel& panel) {
    return static_cast<std::uint16_t>((1U << (panel.end - panel.begin)) - 1);
  }

 private:
  const Tiles& tile_;
  const std::vector<char>& far_;
  Projector<T> projector_;
  std::size_t coarse_length_;
  TieredSketches<T> rows_, queries_;
};

// Where results go, and who is told how many queries are done.
struct Results {
  std::size_t n_neighbors;
  std::int32_t* indices;
  double* distances;
  const Report& report;
};

// Calls work(begin, end) for blocks of queries over threads, and reports between larger parts.
template <class Work>
void for_queries(std::size_t n, int n_threads, const Report& report, Work&& work) {
  const std::size_t part = std::max(kLeastReported, round_up((n + kReports - 1) / kReports, kQueryBlock));
  for (std::size_t first = 0; first < n; first += part) {
    const std::size_t last = std::min(first + part, n);
    for_blocks(last - first, kQueryBlock, n_threads,
               [&](std::size_t begin, std::size_t end, int) { work(first + begin, first + end); });
    if (report) report(last);
  }
}

// Every query with every row.
template <class T>
void search_all(Matrix<T> queries, Matrix<T> rows, int n_threads, const Results& out) {
  const Distances<T> distance(queries, rows, n_threads);
  for_queries(queries.n_rows, n_threads, out.report, [&](std::size_t begin, std::size_t end) {
    std::vector<Nearest> nearest(end - begin, Nearest(out.n_neighbors));
    for (std::size_t i = 0; i < rows.n_rows; ++i)
      for (std::size_t q = begin; q < end; ++q)
        nearest[q - begin].offer(distance(q, i), static_cast<std::int32_t>(i));
    for (std::size_t q = begin; q < end; ++q)
      nearest[q - begin].write(out.indices + q * out.n_neighbors, out.distances + q * out.n_neighbors);
  });
}

// Rows and queries in the order of their groups, and where the rows of each group begin.
template <class T>
class GroupedSearch {
 public:
  // `far` are the rows that are farther from the center than `farthest`, or none; 0 as for Projector.
  GroupedSearch(Matrix<T> queries, Matrix<T> rows, const Directions& directions, double farthest,
                const std::vector<char>& far, int n_threads)
      : groups_(rows),
        row_order_(groups_.sort(rows, n_threads, row_begins_)),
        query_order_(groups_.sort(queries, n_threads, query_begins_)),
        row_values_(gather(rows, row_order_)),
        query_values_(gather(queries, query_order_)),
        far_(far.empty() ? far : gather(Matrix<char>{far.data(), far.size(), 1}, row_order_)),
        distance_(all_queries(queries), all_rows(rows), n_threads),
        sieve_(all_queries(queries), all_rows(rows), directions, farthest, far_, n_threads) {}

  // Queries `begin` to `end` in the order of their groups, at most kQueryBlock.
  void find(std::size_t begin, std::size_t end, const Results& out) const {
    std::vector<Nearest> nearest(end - begin, Nearest(out.n_neighbors));
    std::vector<typename Sieve<T>::Panel> panels((end - begin + kLanes - 1) / kLanes);
    for (std::size_t p = 0; p < panels.size(); ++p) {
      panels[p].begin = begin + p * kLanes;
      panels[p].end = std::min(panels[p].begin + kLanes, end);
      sieve_.fill(panels[p]);
    }
    const auto after = std::upper_bound(query_begins_.begin(), query_begins_.end(), begin);
    // The first blocks are short: limits fall quickly there.
    std::size_t size = kFirstRows;
    for (std::size_t group : groups_.nearest_first(static_cast<std::size_t>(after - query_begins_.begin()) - 1))
      for (std::size_t first = row_begins_[group], last; first < row_begins_[group + 1]; first = last) {
        last = std::min(first + size, row_begins_[group + 1]);
        for (auto& panel : panels) offer(first, last, panel, nearest.data() + (panel.begin - begin));
        size = std::min(size + kFirstRows / 4, kRowBlock);
      }
    for (std::size_t q = begin; q < end; ++q) {
      const std::size_t at = query_order_[q] * out.n_neighbors;
      nearest[q - begin].write(out.indices + at, out.distances + at);
    }
  }

 private:
  Matrix<T> all_queries(Matrix<T> given) const { return {query_values_.data(), given.n_rows, given.n_columns}; }
  Matrix<T> all_rows(Matrix<T> given) const { return {row_values_.data(), given.n_rows, given.n_columns}; }

  void offer(std::size_t first, std::size_t last, typename Sieve<T>::Panel& panel, Nearest* nearest) const {
    std::uint16_t masks[kRowBlock], left[kRowBlock];  // left: rows with a mask that is not 0
    for (std::size_t q = panel.begin; q < panel.end; ++q)
      sieve_.set_limit(q, nearest[q - panel.begin].limit(), panel);
    sieve_.look(first, last, panel, masks);
    std::size_t n_left = 0;
    for (std::size_t at = 0; at < last - first; ++at) {
      left[n_left] = static_cast<std::uint16_t>(at);
      n_left += masks[at] != 0;
    }
    for (std::size_t at = 0; at < n_left; ++at) {
      if (at + kAhead < n_left) sieve_.prefetch(first + left[at + kAhead]);
      const std::size_t row = first + left[at];
      for (unsigned mask = masks[left[at]]; mask != 0; mask &= mask - 1) {
        const std::size_t lane = lowest_bit(mask);
        if (sieve_.look_closer(row, panel, lane) &&
            nearest[lane].offer(distance_(panel.begin + lane, row), static_cast<std::int32_t>(row_order_[row])))
          sieve_.set_limit(panel.begin + lane, nearest[lane].limit(), panel);
      }
    }
  }

  Groups groups_;
  std::vector<std::size_t> row_begins_, query_begins_;
  std::vector<std::uint32_t> row_order_, query_order_;
  std::vector<T> row_values_, query_values_;
  std::vector<char> far_;
  Distances<T> distance_;
  Sieve<T> sieve_;
};

template <class T>
void search_groups(Matrix<T> queries, Matrix<T> rows, const Directions& directions, double farthest,
                   const std::vector<char>& far, int n_threads, const Results& out) {
  const GroupedSearch<T> search(queries, rows, directions, farthest, far, n_threads);
  for_queries(queries.n_rows, n_threads, out.report,
              [&](std::size_t begin, std::size_t end) { search.find(begin, end, out); });
}

template <class T>
std::vector<double> distances_from(const double* center, Matrix<T> rows, int n_threads) {
  std::vector<double> out(rows.n_rows);
  for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i)
      out[i] = std::sqrt(squared_distance(rows.row(i), center, rows.n_columns));
  });
  return out;
}

// Float rows without sketches, by the tiles of a codebook.
template <class T>
void search_by_tiles(Matrix<T> queries, Matrix<T> rows, int n_threads, const Results& out) {
  constexpr std::size_t batch = 4096;  // rows whose panel is made at a time
  std::vector<Nearest> nearest(queries.n_rows, Nearest(out.n_neighbors));
  std::vector<double> centroids;
  for (std::size_t first = 0; first < rows.n_rows; first += batch) {
    const std::size_t count = std::min(batch, rows.n_rows - first);
    centroids.assign(rows.row(first), rows.row(first) + count * rows.n_columns);
    Codebook<T> book(count, Codebook<T>::Use::tile, rows);
    book.update(centroids.data(), n_threads);
    for_blocks(queries.n_rows, 64, n_threads, [&](std::size_t begin, std::size_t end, int) {
      auto scratch = book.scratch();
      const typename Codebook<T>::Padded* padded[Codebook<T>::kBatch];
      const double unit = book.unit();
      for (std::size_t query = begin; query < end; query += Codebook<T>::kBatch) {
        const std::size_t n = std::min(std::size_t{Codebook<T>::kBatch}, end - query);
        for (std::size_t slot = 0; slot < n; ++slot)
          padded[slot] = book.prepare(queries.row(query + slot), scratch, slot);
        book.dots(padded, n, scratch);
        for (std::size_t slot = 0; slot < n; ++slot) {
          Nearest& found = nearest[query + slot];
          float* values = scratch.values.data() + slot * book.lanes();
          const RowNorms norms = book.norms(padded[slot]);
          book.finish(values, norms);
          const float rounding = book.slack(norms);
          // Without a limit yet, the first batch is sieved in pieces so that one appears early.
          for (std::size_t lane = 0; lane < count; lane += 64) {
            const double squared = found.limit() * unit * unit * (1 + 1e-6);
            const auto limit = static_cast<float>(squared) - norms.from_center + 2 * rounding;
            const std::size_t lanes = std::min<std::size_t>(64, book.lanes() - lane);
            std::size_t n_list = lanes;
            if (std::isfinite(rounding))
              n_list = book.tiles().candidates(values + lane, book.error() + lane, book.radius(norms), limit,
                                               lanes, scratch.list.data());
            else  // float32 overflowed: nothing is ruled out
              std::iota(scratch.list.begin(), scratch.list.begin() + static_cast<std::ptrdiff_t>(lanes), 0U);
            for (std::size_t at = 0; at < n_list; ++at) {
              const std::size_t row = lane + scratch.list[at];
              if (row < count)
                found.offer(book.exact(queries.row(query + slot), row),
                            static_cast<std::int32_t>(first + row));
            }
          }
        }
      }
    });
  }
  for (std::size_t q = 0; q < queries.n_rows; ++q)
    nearest[q].write(out.indices + q * out.n_neighbors, out.distances + q * out.n_neighbors);
  if (out.report) out.report(queries.n_rows);
}

}  // namespace

void nearest_neighbors(Matrix<std::uint8_t> queries, Matrix<std::uint8_t> rows, std::size_t n_neighbors,
                       const Directions* directions, int n_threads, const Report& report, std::int32_t* indices,
                       double* distances) {
  const Results out{n_neighbors, indices, distances, report};
  if (directions == nullptr || queries.n_rows < kFewQueries) return search_all(queries, rows, n_threads, out);
  search_groups(queries, rows, *directions, 0.0, {}, n_threads, out);
}

// A few rows out of all proportion would leave the others too short for a sketch: such rows are always
// compared, and where there are many of them, or queries of that kind, the tiles do the work.
template <class T>
void nearest_neighbors(Matrix<T> queries, Matrix<T> rows, std::size_t n_neighbors, const Directions* directions,
                       int n_threads, const Report& report, std::int32_t* indices, double* distances) {
  const Results out{n_neighbors, indices, distances, report};
  if (queries.n_rows < kFewQueries) return search_all(queries, rows, n_threads, out);
  if (directions == nullptr) return search_by_tiles(queries, rows, n_threads, out);
  const std::vector<double> row_lengths = distances_from(directions->center, rows, n_threads);
  const std::vector<double> query_lengths = distances_from(directions->center, queries, n_threads);
  std::vector<double> sorted = row_lengths;
  const std::size_t usual = (rows.n_rows - 1) - rows.n_rows / 64;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(usual), sorted.end());
  const double farthest = 4 * sorted[usual];
  double reach = *std::max_element(query_lengths.begin(), query_lengths.end());
  if (!(reach <= farthest)) return search_by_tiles(queries, rows, n_threads, out);
  std::vector<char> far(rows.n_rows, 0);
  for (std::size_t i = 0; i < rows.n_rows; ++i) {
    far[i] = !(row_lengths[i] <= farthest);
    if (!far[i]) reach = std::max(reach, row_lengths[i]);
  }
  if (reach == 0 || !std::isfinite(reach)) return search_by_tiles(queries, rows, n_threads, out);
  search_groups(queries, rows, *directions, reach * (1 + 1e-6), far, n_threads, out);
}

#define INKMEANS_FOR(T)                                                                                  \
  template void nearest_neighbors(Matrix<T>, Matrix<T>, std::size_t, const Directions*, int, const Report&, \
                                  std::int32_t*, double*);
INKMEANS_FOR(float)
INKMEANS_FOR(double)
#undef INKMEANS_FOR

}  // namespace inkmeans
