#include "neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "codebook.hpp"
#include "threads.hpp"
#include "tiers.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kLanes = 16;      // queries that are looked at together
constexpr std::size_t kAhead = 12;       // rows from asking for a fine sketch to reading it
constexpr std::size_t kRowBlock = 256;  // rows between two looks at the limits
constexpr std::size_t kFirstRows = 32;   // rows before the first look
constexpr std::size_t kQueryBlock = 64;  // queries that go through the same rows, so that these stay near

// The nearest rows found so far, as a heap with the farthest on top.
class Nearest {
 public:
  explicit Nearest(std::size_t n) : n_(n) { heap_.reserve(n + 1); }

  // Rows at this distance or farther need not be offered (when offered in order of their index).
  double limit() const {
    return heap_.size() < n_ ? std::numeric_limits<double>::infinity() : heap_.front().distance;
  }

  void offer(double distance, std::int32_t index) {
    const Entry entry{distance, index};
    if (heap_.size() == n_) {
      if (!(entry < heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end());
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
  constexpr double most = 0.88;
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

// Offers the rows first ... last - 1 to the queries of a panel.
template <class T>
void offer_rows(std::size_t first, std::size_t last, const Distances<T>& distance, const Sieve<T>* sieve,
                typename Sieve<T>::Panel& panel, Nearest* nearest) {
  std::uint16_t masks[kRowBlock];
  std::fill(masks, masks + (last - first), Sieve<T>::everyone(panel));
  if (sieve != nullptr) {
    for (std::size_t q = panel.begin; q < panel.end; ++q)
      sieve->set_limit(q, nearest[q - panel.begin].limit(), panel);
    sieve->look(first, last, panel, masks);
  }
  for (std::size_t i = first; i < last; ++i) {
    if (sieve != nullptr && i + kAhead < last && masks[i + kAhead - first] != 0) sieve->prefetch(i + kAhead);
    unsigned mask = masks[i - first];
    for (std::size_t lane = 0; mask != 0; ++lane, mask >>= 1) {
      if ((mask & 1U) == 0 || (sieve != nullptr && !sieve->look_closer(i, panel, lane))) continue;
      nearest[lane].offer(distance(panel.begin + lane, i), static_cast<std::int32_t>(i));
    }
  }
}

// `sieve` may be null: then all rows are compared.
template <class T>
void search(Matrix<T> queries, Matrix<T> rows, std::size_t n_neighbors, const Sieve<T>* sieve, int n_threads,
            std::int32_t* indices, double* distances) {
  const Distances<T> distance(queries, rows, n_threads);
  for_blocks(queries.n_rows, kQueryBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<Nearest> nearest(end - begin, Nearest(n_neighbors));
    std::vector<typename Sieve<T>::Panel> panels((end - begin + kLanes - 1) / kLanes);
    for (std::size_t p = 0; p < panels.size(); ++p) {
      panels[p].begin = begin + p * kLanes;
      panels[p].end = std::min(panels[p].begin + kLanes, end);
      if (sieve != nullptr) sieve->fill(panels[p]);
    }
    // The first blocks are short, so that limits appear early.
    std::size_t size = kFirstRows;
    for (std::size_t first = 0, last; first < rows.n_rows; first = last, size = std::min(2 * size, kRowBlock)) {
      last = std::min(first + size, rows.n_rows);
      for (auto& panel : panels)
        offer_rows(first, last, distance, sieve, panel, nearest.data() + (panel.begin - begin));
    }
    for (std::size_t q = begin; q < end; ++q)
      nearest[q - begin].write(indices + q * n_neighbors, distances + q * n_neighbors);
  });
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
void search_by_tiles(Matrix<T> queries, Matrix<T> rows, std::size_t n_neighbors, int n_threads,
                     std::int32_t* indices, double* distances) {
  constexpr std::size_t batch = 4096;  // rows whose panel is made at a time
  std::vector<Nearest> nearest(queries.n_rows, Nearest(n_neighbors));
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
    nearest[q].write(indices + q * n_neighbors, distances + q * n_neighbors);
}

}  // namespace

void nearest_neighbors(Matrix<std::uint8_t> queries, Matrix<std::uint8_t> rows, std::size_t n_neighbors,
                       const Directions* directions, int n_threads, std::int32_t* indices, double* distances) {
  const std::vector<char> far;
  std::unique_ptr<Sieve<std::uint8_t>> sieve;
  if (directions != nullptr)
    sieve = std::make_unique<Sieve<std::uint8_t>>(queries, rows, *directions, 0.0, far, n_threads);
  search(queries, rows, n_neighbors, sieve.get(), n_threads, indices, distances);
}

// A few rows out of all proportion would leave the others too short for a sketch: such rows are always
// compared, and where there are many of them, or queries of that kind, the tiles do the work.
template <class T>
void nearest_neighbors(Matrix<T> queries, Matrix<T> rows, std::size_t n_neighbors, const Directions* directions,
                       int n_threads, std::int32_t* indices, double* distances) {
  if (directions == nullptr) return search_by_tiles(queries, rows, n_neighbors, n_threads, indices, distances);
  const std::vector<double> row_lengths = distances_from(directions->center, rows, n_threads);
  const std::vector<double> query_lengths = distances_from(directions->center, queries, n_threads);
  std::vector<double> sorted = row_lengths;
  const std::size_t usual = (rows.n_rows - 1) - rows.n_rows / 64;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(usual), sorted.end());
  const double farthest = 4 * sorted[usual];
  const double queries_reach = *std::max_element(query_lengths.begin(), query_lengths.end());
  if (!(queries_reach <= farthest))
    return search_by_tiles(queries, rows, n_neighbors, n_threads, indices, distances);
  std::vector<char> far(rows.n_rows, 0);
  double reach = queries_reach;
  for (std::size_t i = 0; i < rows.n_rows; ++i) {
    far[i] = !(row_lengths[i] <= farthest);
    if (!far[i]) reach = std::max(reach, row_lengths[i]);
  }
  if (reach == 0 || !std::isfinite(reach))
    return search_by_tiles(queries, rows, n_neighbors, n_threads, indices, distances);
  const Sieve<T> sieve(queries, rows, *directions, reach * (1 + 1e-6), far, n_threads);
  search(queries, rows, n_neighbors, &sieve, n_threads, indices, distances);
}

template void nearest_neighbors(Matrix<float>, Matrix<float>, std::size_t, const Directions*, int, std::int32_t*,
                                double*);
template void nearest_neighbors(Matrix<double>, Matrix<double>, std::size_t, const Directions*, int, std::int32_t*,
                                double*);

}  // namespace inkmeans
