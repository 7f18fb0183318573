#include "seeding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>

#include "codebook.hpp"
#include "tiers.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRowBlock = 256;
constexpr std::size_t kAhead = 12;  // rows from asking for a fine sketch to reading it
constexpr std::size_t kLanes = 16;  // candidates that are looked at together

struct Improvement {
  std::size_t row;
  double distance;
};

// Visits the (row, candidate) pairs that may be nearer than `closest`, with their exact distance.
// A short sketch rules most candidates out, a longer one most of the rest.
template <class T>
class Screen {
 public:
  static constexpr bool is_bytes = std::is_same_v<T, std::uint8_t>;

  Screen(Matrix<T> rows, const std::vector<double>& closest, const Directions* directions, int n_threads)
      : rows_(rows),
        closest_(closest),
        tile_(tiles()),
        padded_(round_up(rows.n_columns, kRowMultiple)),
        candidates_(kLanes * padded_, 0) {
    if constexpr (is_bytes) norms_.resize(rows.n_rows);
    double farthest = 0;  // uint8 rows have a known one: see Projector
    if (!is_bytes && directions != nullptr)
      for (std::size_t i = 0; i < rows.n_rows; ++i)
        farthest = std::max(farthest, squared_distance(rows.row(i), directions->center, rows.n_columns));
    if constexpr (is_bytes)
      for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
        Aligned<std::uint8_t> copy(padded_, 0);
        for (std::size_t i = begin; i < end; ++i) {
          const std::uint8_t* row = padded_row(i, copy);
          norms_[i] = tile_.dot_u8_u8(row, row, padded_);
        }
      });
    if (directions == nullptr) return;
    const std::size_t length = directions->basis.n_rows + 1;
    projector_ = std::make_unique<Projector<T>>(*directions, length, std::sqrt(farthest) * (1 + 1e-6));
    sketches_ = std::make_unique<TieredSketches<T>>(rows, *projector_, length / 2, n_threads);
    panel_.assign(length / 2 * kLanes, 0);
    terms_.assign(rows.n_rows, 0);
    whole_terms_.assign(rows.n_rows, 0);
  }

  void set_candidates(const std::vector<std::size_t>& candidates) {
    rows_of_candidates_ = candidates;
    lanes_ = candidates.size() <= 8 ? 8 : kLanes;
    // A lane without a candidate is far from most rows; what is left of it `visit` leaves out.
    std::fill(std::begin(lane_terms_), std::end(lane_terms_), std::numeric_limits<std::int32_t>::max() / 2);
    std::fill(panel_.begin(), panel_.end(), std::int16_t{0});
    for (std::size_t lane = 0; lane < candidates.size(); ++lane) {
      const T* row = rows_.row(candidates[lane]);
      std::copy(row, row + rows_.n_columns,
                candidates_.begin() + static_cast<std::ptrdiff_t>(lane * padded_));
      if (!sketches_) continue;
      sketches_->coarse().to_panel(candidates[lane], lane, lanes_, panel_.data());
      lane_terms_[lane] = sketches_->coarse().norms()[candidates[lane]];
    }
  }

  void changed(std::size_t i) {
    if (!sketches_) return;
    const double reach = std::sqrt(closest_[i]);
    terms_[i] = sketches_->coarse().norms()[i] - sketches_->coarse_limit(reach, *sketches_);
    whole_terms_[i] = sketches_->norm(i) - sketches_->whole_limit(reach, *sketches_);
  }

  template <class Visit>
  void visit(std::size_t begin, std::size_t end, Visit&& visit) const {
    Aligned<std::uint8_t> copy(is_bytes ? padded_ : 0, 0);
    const unsigned lanes = (1U << rows_of_candidates_.size()) - 1;
    std::uint16_t masks[kRowBlock];
    if (sketches_)
      tile_.within_s16(sketches_->coarse().row(begin), terms_.data() + begin, end - begin, panel_.data(),
                       lane_terms_, lanes_, sketches_->coarse().length() / 2, masks);
    else
      std::fill(masks, masks + (end - begin), static_cast<std::uint16_t>(lanes));
    for (std::size_t i = begin; i < end; ++i) {
      if (sketches_ && i + kAhead < end && masks[i + kAhead - begin] != 0) sketches_->prefetch_fine(i + kAhead);
      unsigned mask = masks[i - begin] & lanes;
      for (std::uint32_t lane = 0; mask != 0; ++lane, mask >>= 1) {
        if ((mask & 1U) == 0 || (sketches_ && rules_out(i, rows_of_candidates_[lane]))) continue;
        visit(i, lane, distance(i, lane, copy));
      }
    }
  }

 private:
  double distance(std::size_t i, std::size_t lane, Aligned<std::uint8_t>& copy) const {
    const T* candidate = candidates_.data() + lane * padded_;
    if constexpr (is_bytes) {
      const std::int64_t dot = tile_.dot_u8_u8(padded_row(i, copy), candidate, padded_);
      return static_cast<double>(std::int64_t{norms_[i]} + norms_[rows_of_candidates_[lane]] - 2 * dot);
    } else {
      return squared_distance(rows_.row(i), candidate, rows_.n_columns);
    }
  }

  bool rules_out(std::size_t i, std::size_t candidate) const {
    return whole_terms_[i] + sketches_->norm(candidate) - 2 * sketches_->dot(i, *sketches_, candidate) > 0;
  }

  const std::uint8_t* padded_row(std::size_t i, Aligned<std::uint8_t>& copy) const {
    const std::uint8_t* row = rows_.row(i);
    if (padded_ == rows_.n_columns) return row;
    std::copy(row, row + rows_.n_columns, copy.begin());
    return copy.data();
  }

  Matrix<T> rows_;
  const std::vector<double>& closest_;
  const Tiles& tile_;
  std::size_t padded_;
  std::vector<std::uint32_t> norms_;  // of uint8 rows
  Aligned<T> candidates_;
  std::vector<std::size_t> rows_of_candidates_;
  std::size_t lanes_ = kLanes;
  std::unique_ptr<Projector<T>> projector_;
  std::unique_ptr<TieredSketches<T>> sketches_;
  Aligned<std::int16_t> panel_;
  std::int32_t lane_terms_[kLanes] = {};
  std::vector<std::int32_t> terms_, whole_terms_;  // ||z||^2 less the bound, of each row
};

template <class T>
class Seeder {
 public:
  Seeder(Matrix<T> rows, const double* weights, const Directions* directions, int n_threads)
      : rows_(rows),
        weights_(weights),
        n_threads_(std::max(n_threads, 1)),
        closest_(rows.n_rows, std::numeric_limits<double>::infinity()),
        block_sums_((rows.n_rows + kRowBlock - 1) / kRowBlock, 0.0),
        screen_(rows, closest_, directions, n_threads_) {}

  void choose_first(std::size_t row) {
    const std::vector<double> point(rows_.row(row), rows_.row(row) + rows_.n_columns);
    for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int) {
      for (std::size_t i = begin; i < end; ++i) {
        closest_[i] = squared_distance(rows_.row(i), point.data(), rows_.n_columns);
        screen_.changed(i);
      }
      add_block(begin, end);
    });
  }

  // Draws candidates, takes the one that leaves the least inertia, and returns its row.
  std::size_t step(const double* uniforms, std::size_t n_trials) {
    candidates_.clear();
    double total = 0;
    for (double sum : block_sums_) total += sum;
    for (std::size_t trial = 0; trial < n_trials; ++trial)
      candidates_.push_back(row_at(uniforms[trial] * total));
    std::vector<double> gains(n_trials, 0.0);
    improvements_.assign(n_trials * block_sums_.size(), {});
    for (std::size_t first = 0; first < n_trials; first += kLanes) look(first, gains);
    const auto best = static_cast<std::size_t>(
        std::distance(gains.begin(), std::max_element(gains.begin(), gains.end())));
    accept(best);
    return candidates_[best];
  }

 private:
  double weight(std::size_t i) const { return weights_ != nullptr ? weights_[i] : 1.0; }

  void add_block(std::size_t begin, std::size_t end) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += weight(i) * closest_[i];
    block_sums_[begin / kRowBlock] = sum;
  }

  // First row at which the running sum of weight x closest reaches `target`.
  std::size_t row_at(double target) const {
    double reached = 0;
    for (std::size_t block = 0; block < block_sums_.size(); ++block) {
      if (reached + block_sums_[block] < target) {
        reached += block_sums_[block];
        continue;
      }
      const std::size_t end = std::min((block + 1) * kRowBlock, rows_.n_rows);
      for (std::size_t i = block * kRowBlock; i < end; ++i) {
        reached += weight(i) * closest_[i];
        if (reached >= target) return i;
      }
    }
    return rows_.n_rows - 1;
  }

  void look(std::size_t first, std::vector<double>& gains) {
    const std::size_t last = std::min(first + kLanes, candidates_.size());
    screen_.set_candidates({candidates_.begin() + static_cast<std::ptrdiff_t>(first),
                            candidates_.begin() + static_cast<std::ptrdiff_t>(last)});
    const std::size_t n_blocks = block_sums_.size();
    std::vector<double> block_gains((last - first) * n_blocks, 0.0);
    for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int) {
      const std::size_t block = begin / kRowBlock;
      screen_.visit(begin, end, [&](std::size_t i, std::uint32_t lane, double distance) {
        if (distance >= closest_[i]) return;
        block_gains[lane * n_blocks + block] += weight(i) * (closest_[i] - distance);
        improvements_[(first + lane) * n_blocks + block].push_back({i, distance});
      });
    });
    for (std::size_t lane = 0; lane < last - first; ++lane)
      for (std::size_t block = 0; block < n_blocks; ++block)
        gains[first + lane] += block_gains[lane * n_blocks + block];
  }

  void accept(std::size_t candidate) {
    for (std::size_t block = 0; block < block_sums_.size(); ++block) {
      const auto& better = improvements_[candidate * block_sums_.size() + block];
      if (better.empty()) continue;
      for (const Improvement& improvement : better) {
        closest_[improvement.row] = improvement.distance;
        screen_.changed(improvement.row);
      }
      add_block(block * kRowBlock, std::min((block + 1) * kRowBlock, rows_.n_rows));
    }
  }

  Matrix<T> rows_;
  const double* weights_;
  int n_threads_;
  std::vector<double> closest_;
  std::vector<double> block_sums_;
  Screen<T> screen_;
  std::vector<std::size_t> candidates_;
  std::vector<std::vector<Improvement>> improvements_;
};

}  // namespace

template <class T>
void kmeans_plusplus(Matrix<T> rows, std::size_t k, const double* weights, std::size_t first,
                     Draws draws, const Directions* directions, int n_threads, std::int64_t* chosen) {
  Seeder<T> seeder(rows, weights, directions, n_threads);
  seeder.choose_first(first);
  chosen[0] = static_cast<std::int64_t>(first);
  for (std::size_t step = 1; step < k; ++step)
    chosen[step] = static_cast<std::int64_t>(
        seeder.step(draws.uniforms + (step - 1) * draws.n_trials, draws.n_trials));
}

template void kmeans_plusplus(Matrix<std::uint8_t>, std::size_t, const double*, std::size_t, Draws,
                              const Directions*, int, std::int64_t*);
template void kmeans_plusplus(Matrix<float>, std::size_t, const double*, std::size_t, Draws,
                              const Directions*, int, std::int64_t*);
template void kmeans_plusplus(Matrix<double>, std::size_t, const double*, std::size_t, Draws,
                              const Directions*, int, std::int64_t*);

}  // namespace inkmeans
