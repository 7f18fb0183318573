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

}  // namespace

void nearest_neighbors(Matrix<std::uint8_t> queries, Matrix<std::uint8_t> rows, std::size_t n_neighbors,
                       const Directions* directions, int n_threads, std::int32_t* indices,
                       double* distances) {
  const Tiles& tile = tiles();
  const PaddedRows targets(rows, n_threads), asked(queries, n_threads);
  std::unique_ptr<Projector<std::uint8_t>> projector;
  std::unique_ptr<TieredSketches<std::uint8_t>> row_sketches, query_sketches;
  if (directions != nullptr) {
    const std::size_t length = directions->basis.n_rows + 1;
    const std::size_t coarse = std::max<std::size_t>(16, length / 4);
    projector = std::make_unique<Projector<std::uint8_t>>(*directions, length, 0.0);
    row_sketches = std::make_unique<TieredSketches<std::uint8_t>>(rows, *projector, coarse, n_threads);
    query_sketches = std::make_unique<TieredSketches<std::uint8_t>>(queries, *projector, coarse, n_threads);
  }
  for_blocks(queries.n_rows, kLanes, n_threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<Nearest> nearest(end - begin, Nearest(n_neighbors));
    Aligned<std::int16_t> panel;
    if (projector) {
      panel.assign(row_sketches->coarse().length() * kLanes, 0);
      for (std::size_t q = begin; q < end; ++q)
        query_sketches->coarse().to_panel(q, q - begin, kLanes, panel.data());
    }
    const auto everyone = static_cast<std::uint16_t>((1U << (end - begin)) - 1);
    for (std::size_t first = 0; first < rows.n_rows; first += kRowBlock) {
      const std::size_t last = std::min(first + kRowBlock, rows.n_rows);
      std::uint16_t masks[kRowBlock];
      std::int32_t lane_terms[kLanes], whole_terms[kLanes];  // ||z||^2 less the bound, of each query
      std::fill(masks, masks + (last - first), everyone);
      if (projector && first > 0) {
        std::fill(lane_terms, lane_terms + kLanes, std::numeric_limits<std::int32_t>::max() / 2);
        for (std::size_t q = begin; q < end; ++q) {
          const double reach = std::sqrt(nearest[q - begin].limit());
          lane_terms[q - begin] = query_sketches->coarse().norms()[q] - row_sketches->coarse_limit(reach, *query_sketches);
          whole_terms[q - begin] = query_sketches->norm(q) - row_sketches->whole_limit(reach, *query_sketches);
        }
        const Sketches& coarse = row_sketches->coarse();
        tile.within_s16(coarse.row(first), coarse.norms() + first, last - first, panel.data(), lane_terms, kLanes,
                        coarse.length() / 2, masks);
      }
      for (std::size_t i = first; i < last; ++i) {
        if (projector && i + kAhead < last && masks[i + kAhead - first] != 0) row_sketches->prefetch_fine(i + kAhead);
        unsigned mask = masks[i - first];
        for (std::size_t lane = 0; mask != 0; ++lane, mask >>= 1) {
          if ((mask & 1U) == 0) continue;
          if (projector && first > 0 &&
              row_sketches->norm(i) + whole_terms[lane] - 2 * row_sketches->dot(i, *query_sketches, begin + lane) > 0)
            continue;
          const std::int64_t dot = tile.dot_u8_u8(targets.row(i), asked.row(begin + lane), asked.length());
          const std::int64_t squared = targets.norm(i) + asked.norm(begin + lane) - 2 * dot;
          nearest[lane].offer(static_cast<double>(squared), static_cast<std::int32_t>(i));
        }
      }
    }
    for (std::size_t q = begin; q < end; ++q)
      nearest[q - begin].write(indices + q * n_neighbors, distances + q * n_neighbors);
  });
}

template <class T>
void nearest_neighbors(Matrix<T> queries, Matrix<T> rows, std::size_t n_neighbors, int n_threads,
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

template void nearest_neighbors(Matrix<float>, Matrix<float>, std::size_t, int, std::int32_t*, double*);
template void nearest_neighbors(Matrix<double>, Matrix<double>, std::size_t, int, std::int32_t*, double*);

}  // namespace inkmeans
