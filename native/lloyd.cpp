#include "lloyd.hpp"

#include <algorithm>

#include "assign.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRowBlock = 256;
constexpr std::size_t kBoundMultiple = 32;   // bounds that a tile reads at once
constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr double kLoweringStep = 24;  // units of drift that are worth a pass over all bytes
// Bytes reach from 0.85 of the own distance to about 1.4 of it.
constexpr float kOrigin = 0.85F;
constexpr double kUnits = 450;  // a typical distance at the first update, which later ones are below
// A centroid that moved by more than this part of the distance is measured again at once.
constexpr float kLargeShift = 0.01F;
// An inertia that is a smaller part of the sum of squares is not computed as a difference from it.
constexpr double kCancelling = 1e-3;

// Square root of the upper end, rounded up, and of the lower end, rounded down.
float upper_of(Interval interval) {
  return static_cast<float>(std::sqrt(std::max(interval.value + interval.half, 0.0)) * (1 + 1e-6));
}
float lower_of(Interval interval) {
  return static_cast<float>(std::sqrt(std::max(interval.value - interval.half, 0.0)) * (1 - 1e-6));
}

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::min(std::max(std::ceil(value), 0.0), 255.0));
}

// Largest distance of a row from a point, rounded up; 0 for uint8 rows: see Projector.
template <class T>
double farthest_from(const Matrix<T>& rows, const double* point) {
  double largest = 0;
  if constexpr (!Codebook<T>::is_bytes)
    for (std::size_t i = 0; i < rows.n_rows; ++i)
      largest = std::max(largest, squared_distance(rows.row(i), point, rows.n_columns));
  return std::sqrt(largest) * (1 + 1e-6);
}

}  // namespace

template <class T>
Assigner<T>::Assigner(Matrix<T> rows, std::size_t n_clusters, const double* weights,
                      const Directions* directions, std::size_t sketch_length, int n_threads)
    : rows_(rows),
      weights_(weights),
      n_threads_(std::max(n_threads, 1)),
      book_(n_clusters, directions != nullptr ? Book::Use::pairs : Book::Use::tile, rows),
      labels_(rows.n_rows, -1),
      norms_(rows.n_rows),
      lane_shifts_(book_.lanes(), 0.0F),
      counts_(n_clusters, 0.0),
      workers_(static_cast<std::size_t>(n_threads_)) {
  for (Worker& worker : workers_) {
    worker.scratch = book_.scratch();
    worker.squared.resize(book_.lanes());
    worker.least.resize(book_.lanes());
    worker.groups.resize(book_.lanes() + 64);
    worker.lanes.resize(book_.lanes() + 64);
  }
  if (directions == nullptr) return;
  projector_ = std::make_unique<Projector<T>>(*directions, sketch_length,
                                              farthest_from(rows, directions->center));
  sketches_ = std::make_unique<Sketches>(rows.n_rows, sketch_length);
  Sketches* const sets[] = {sketches_.get()};
  sketch_rows(rows, *projector_, n_threads_, sets, 1);
  screen_ = std::make_unique<CentroidScreen<T>>(*projector_, *sketches_, book_.lanes(), book_.unit());
  stride_ = round_up(screen_->n_groups(), kBoundMultiple);
  uppers_.assign(rows.n_rows, 0.0F);
  origins_.assign(rows.n_rows, 0.0F);
  drift_.assign(screen_->n_groups(), 0.0);
  drift_bytes_.assign(stride_, 0);
  pending_.assign(screen_->n_groups(), -0.01F);
  lowering_.assign(stride_, 0);
}

template <class T>
std::size_t Assigner<T>::update(const double* centroids) {
  if (first_ && screen_) {
    bounds_.assign(rows_.n_rows * stride_, 255);
    rivals_.assign(rows_.n_rows * kRivals, {kNone, 0.0F});
  }
  if (first_ && Book::is_bytes && weights_ == nullptr)
    integer_sums_.assign(n_clusters() * n_columns(), 0);
  else if (first_)
    float_sums_.assign(n_clusters() * n_columns(), 0.0);
  update_once(centroids);
  std::size_t changed = first_ ? rows_.n_rows : 0;
  for (const Worker& worker : workers_) changed += worker.changes.size();
  apply_changes();
  first_ = false;
  return changed;
}

template <class T>
void Assigner<T>::update_once(const double* centroids) {
  book_.update(centroids, n_threads_);
  if (screen_) screen_->update(book_, n_threads_);
  if (first_)
    measure_rows();
  else if (screen_)
    advance_drift();
  for (Worker& worker : workers_) worker.changes.clear();
  for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int worker) {
    if (screen_)
      pass(begin, end, workers_[static_cast<std::size_t>(worker)]);
    else
      pass_by_tile(begin, end, workers_[static_cast<std::size_t>(worker)]);
  });
}

// Norms of all rows, and the unit of the bounds.
template <class T>
void Assigner<T>::measure_rows() {
  std::vector<double> squares((rows_.n_rows + kRowBlock - 1) / kRowBlock, 0.0);
  for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int worker) {
    auto& scratch = workers_[static_cast<std::size_t>(worker)].scratch;
    double total = 0, square = 0;
    for (std::size_t i = begin; i < end; ++i) {
      norms_[i] = book_.norms(book_.prepare(rows_.row(i), scratch, 0), &square);
      total += square;
    }
    squares[begin / kRowBlock] = total;
  });
  for (double part : squares) sum_of_squares_ += part;
  if (!screen_) return;
  const std::size_t stride = std::max<std::size_t>(1, rows_.n_rows / 64);
  double total = 0, used = 0;
  for (std::size_t i = 0; i < rows_.n_rows; i += stride, ++used) {
    look_at_all(i, workers_[0]);
    if (std::isfinite(uppers_[i])) total += uppers_[i];
  }
  per_unit_ = total > 0 ? static_cast<float>(kUnits * used / total) : 1.0F;
}

template <class T>
void Assigner<T>::advance_drift() {
  const auto& shifts = book_.shifts();
  double most = 0;
  for (std::size_t group = 0; group < screen_->n_groups(); ++group) {
    float shift = 0;
    for (std::size_t lane = group * kGroup; lane < (group + 1) * kGroup; ++lane) {
      lane_shifts_[lane] = static_cast<float>(shifts[lane] * book_.unit() * (1 + 1e-6));
      shift = std::max(shift, lane_shifts_[lane]);
    }
    drift_[group] += static_cast<double>(shift) * per_unit_ * (1 + 1e-6);
    most = std::max(most, drift_[group]);
  }
  lowers_ = most >= kLoweringStep;
  for (std::size_t group = 0; group < screen_->n_groups(); ++group) {
    if (lowers_) {
      lowering_[group] = to_byte(drift_[group]);
      drift_[group] -= lowering_[group];
    }
    drift_bytes_[group] = to_byte(drift_[group]);
    pending_[group] = static_cast<float>(drift_[group] - 0.01);
  }
}

template <class T>
void Assigner<T>::pass(std::size_t begin, std::size_t end, Worker& worker) {
  for (std::size_t i = begin; i < end; ++i)
    if (first_)
      look_at_all(i, worker);
    else
      look_again(i, worker);
}

template <class T>
void Assigner<T>::look_at_all(std::size_t i, Worker& worker) {
  float least = std::numeric_limits<float>::infinity();
  std::size_t nearest_group = 0;
  for (std::size_t group = 0; group < screen_->n_groups(); ++group) {
    worker.groups[group] = static_cast<std::uint32_t>(group);
    worker.least[group] = -1;
    const float found = screen_->group(i, group, worker.squared.data() + group * kGroup);
    if (found < least) {
      least = found;
      nearest_group = group;
    }
  }
  // The nearest by its sketch gives the limit for the others.
  auto own = static_cast<std::uint32_t>(nearest_group * kGroup);
  while (worker.squared[own] != least) ++own;
  Interval interval;
  uppers_[i] = tighten(i, own, interval, worker);
  origins_[i] = std::isfinite(uppers_[i]) ? kOrigin * uppers_[i] : 0.0F;
  const std::size_t n_lanes =
      book_.tiles().candidates(worker.squared.data(), worker.squared.data(), 0.0F, screen_->limit(uppers_[i]),
                               book_.lanes(), worker.lanes.data());
  decide(i, screen_->n_groups(), n_lanes, own, interval, worker);
}

template <class T>
void Assigner<T>::look_again(std::size_t i, Worker& worker) {
  if (lowers_) book_.tiles().lower(bounds(i), lowering_.data(), stride_);
  for (Rival* rival = rivals_.data() + i * kRivals; rival != rivals_.data() + (i + 1) * kRivals; ++rival)
    rival->lower = rival->lane != kNone ? (rival->lower - lane_shifts_[rival->lane]) * (1 - 1.2e-7F) : 0.0F;
  const std::uint32_t own = book_.lane_of()[static_cast<std::size_t>(labels_[i])];
  // The old distance and what the centroid has moved often suffice: then the row is not even read.
  const float shift = lane_shifts_[own];
  Interval interval{};
  const bool fresh = shift > kLargeShift * uppers_[i] || !std::isfinite(uppers_[i]);
  uppers_[i] = fresh ? tighten(i, own, interval, worker) : (uppers_[i] + shift) * (1 + 1e-6F);
  const std::size_t n_groups = list_groups(i, uppers_[i], worker);
  if (n_groups == 0) return;
  std::size_t n_lanes = sieve(i, n_groups, uppers_[i], own, worker);
  if (n_lanes > 0) {
    recall_rivals(i, n_lanes, worker);
    n_lanes = drop_beyond(uppers_[i], n_lanes, worker);
  }
  if (n_lanes > 0 && !fresh) {
    uppers_[i] = tighten(i, own, interval, worker);
    n_lanes = drop_beyond(uppers_[i], n_lanes, worker);
  }
  decide(i, n_groups, n_lanes, own, interval, worker);
}

template <class T>
std::size_t Assigner<T>::drop_beyond(float upper, std::size_t n_lanes, Worker& worker) const {
  const float limit = screen_->limit(upper);
  std::size_t left = 0;
  for (std::size_t at = 0; at < n_lanes; ++at) {
    worker.lanes[left] = worker.lanes[at];
    left += !(worker.squared[worker.lanes[at]] > limit);
  }
  return left;
}

// What a row's rivals are known to be at, where that is more than their sketches say.
template <class T>
void Assigner<T>::recall_rivals(std::size_t i, std::size_t n_lanes, Worker& worker) {
  const Rival* rivals = rivals_.data() + i * kRivals;
  for (std::size_t at = 0; at < n_lanes; ++at)
    for (std::size_t r = 0; r < kRivals; ++r)
      if (rivals[r].lane == worker.lanes[at] && rivals[r].lower > 0)
        worker.squared[worker.lanes[at]] =
            std::max(worker.squared[worker.lanes[at]], screen_->squared_of(rivals[r].lower));
}

// The compared lanes take the places of rivals that were not compared, the nearest first.
template <class T>
void Assigner<T>::keep_rivals(std::size_t i, std::size_t n_list, std::uint32_t winner, Worker& worker) {
  Rival kept[kRivals];
  std::size_t n_kept = 0;
  const auto insert = [&](Rival rival) {
    std::size_t at = n_kept < kRivals ? n_kept++ : kRivals;
    for (; at > 0 && kept[at - 1].lower > rival.lower; --at)
      if (at < kRivals) kept[at] = kept[at - 1];
    if (at < kRivals) kept[at] = rival;
  };
  const std::uint32_t* list = worker.scratch.list.data();
  for (std::size_t at = 0; at < n_list; ++at)
    if (list[at] != winner) insert({list[at], lower_of(worker.scratch.intervals[at])});
  Rival* rivals = rivals_.data() + i * kRivals;
  for (std::size_t r = 0; r < kRivals; ++r)
    if (rivals[r].lane != kNone && rivals[r].lane != winner && std::find(list, list + n_list, rivals[r].lane) == list + n_list)
      insert(rivals[r]);
  std::copy(kept, kept + n_kept, rivals);
  std::fill(rivals + n_kept, rivals + kRivals, Rival{kNone, 0.0F});
}

// Distance to the own centroid, as exact as a pair is.
template <class T>
float Assigner<T>::tighten(std::size_t i, std::uint32_t own, Interval& interval, Worker& worker) const {
  const auto* padded = book_.prepare(rows_.row(i), worker.scratch, 0);
  book_.pairs(padded, norms_[i], &own, 1, &interval);
  return upper_of(interval);
}

// Lists the groups that may hold a centroid nearer than `upper`.
template <class T>
std::size_t Assigner<T>::list_groups(std::size_t i, float upper, Worker& worker) const {
  const float threshold = std::ceil((upper - origins_[i]) * per_unit_ + 0.01F);
  if (threshold <= 255)
    return book_.tiles().survivors(bounds_.data() + i * stride_, drift_bytes_.data(),
                                   static_cast<std::uint8_t>(std::max(threshold, 1.0F)), stride_,
                                   worker.groups.data());
  for (std::size_t group = 0; group < screen_->n_groups(); ++group)
    worker.groups[group] = static_cast<std::uint32_t>(group);
  return screen_->n_groups();
}

// Sketch distances of the listed groups; lists the lanes, but the own one, that they leave.
template <class T>
std::size_t Assigner<T>::sieve(std::size_t i, std::size_t n_groups, float upper, std::uint32_t own,
                               Worker& worker) {
  const float limit = screen_->limit(upper);
  std::size_t n_lanes = 0;
  for (std::size_t g = 0; g < n_groups; ++g) {
    const std::size_t group = worker.groups[g];
    float* squared = worker.squared.data() + group * kGroup;
    worker.least[g] = screen_->group(i, group, squared);
    if (worker.least[g] > limit) continue;
    worker.least[g] = -1;
    std::uint32_t* found = worker.lanes.data() + n_lanes;
    const std::size_t n_found = book_.tiles().candidates(squared, squared, 0.0F, limit, kGroup, found);
    for (std::size_t at = 0; at < n_found; ++at) {
      const auto lane = static_cast<std::uint32_t>(group * kGroup) + found[at];
      worker.lanes[n_lanes] = lane;
      n_lanes += lane != own;
    }
  }
  return n_lanes;
}

// Compares the own centroid with the listed lanes; new label, upper bound, and bounds of the groups.
template <class T>
void Assigner<T>::decide(std::size_t i, std::size_t n_groups, std::size_t n_lanes, std::uint32_t own,
                         Interval own_interval, Worker& worker) {
  if (!std::isfinite(uppers_[i])) {  // float32 overflowed: nothing is ruled out
    n_lanes = book_.n_centroids();
    std::copy(book_.lane_of().begin(), book_.lane_of().end(), worker.lanes.begin());
  }
  if (n_lanes == 0) {
    relabel(i, book_.order()[own], worker);
    return set_bounds(i, n_groups, own, own, worker);
  }
  auto& scratch = worker.scratch;
  const auto* padded = book_.prepare(rows_.row(i), scratch, 0);
  std::uint32_t* list = scratch.list.data();
  list[0] = own;
  scratch.intervals[0] = own_interval;
  std::size_t n_list = 1;
  for (std::size_t at = 0; at < n_lanes; ++at)
    if (worker.lanes[at] != own && book_.order()[worker.lanes[at]] >= 0) list[n_list++] = worker.lanes[at];
  book_.pairs(padded, norms_[i], list + 1, n_list - 1, scratch.intervals.data() + 1);
  const std::uint32_t winner = book_.nearest_of(rows_.row(i), list, scratch.intervals.data(), n_list);
  // In place of the sketch distances of these lanes stand what the distances themselves would give.
  for (std::size_t at = 0; at < n_list; ++at) {
    worker.squared[list[at]] = screen_->squared_of(lower_of(scratch.intervals[at]));
    if (list[at] == winner) uppers_[i] = upper_of(scratch.intervals[at]);
  }
  relabel(i, book_.order()[winner], worker);
  if (bounds_.empty()) return;
  keep_rivals(i, n_list, winner, worker);
  set_bounds(i, n_groups, own, winner, worker);
  if (winner != own) set_bound(i, own / kGroup, lower_of(own_interval));
}

template <class T>
void Assigner<T>::set_bounds(std::size_t i, std::size_t n_groups, std::uint32_t own, std::uint32_t winner,
                             Worker& worker) {
  if (bounds_.empty()) return;
  const std::size_t own_group = own / kGroup, winner_group = winner / kGroup;
  for (std::size_t g = 0; g < n_groups; ++g) {
    const std::size_t group = worker.groups[g];
    float least = worker.least[g];
    if (least < 0 || group == own_group || group == winner_group) {
      float* squared = worker.squared.data() + group * kGroup;
      if (group == winner_group) squared[winner % kGroup] = std::numeric_limits<float>::infinity();
      float parts[4] = {squared[0], squared[1], squared[2], squared[3]};
      for (std::size_t t = 4; t < kGroup; ++t) parts[t % 4] = std::min(parts[t % 4], squared[t]);
      least = std::min(std::min(parts[0], parts[1]), std::min(parts[2], parts[3]));
    }
    bounds(i)[group] = 255;
    set_bound(i, group, screen_->lower(least));
  }
}

// Lowers the bound of a group to this distance.
template <class T>
void Assigner<T>::set_bound(std::size_t i, std::size_t group, float lower) {
  const float bound = (lower - origins_[i]) * per_unit_ + pending_[group];
  const std::uint8_t byte = bound > 0 ? static_cast<std::uint8_t>(std::min(bound, 255.0F)) : 0;
  bounds(i)[group] = std::min(bounds(i)[group], byte);
}

template <class T>
void Assigner<T>::pass_by_tile(std::size_t begin, std::size_t end, Worker& worker) {
  auto& scratch = worker.scratch;
  const Padded* padded[Book::kBatch];
  for (std::size_t first = begin; first < end; first += Book::kBatch) {
    const std::size_t count = std::min(std::size_t{Book::kBatch}, end - first);
    for (std::size_t slot = 0; slot < count; ++slot)
      padded[slot] = book_.prepare(rows_.row(first + slot), scratch, slot);
    book_.dots(padded, count, scratch);
    for (std::size_t slot = 0; slot < count; ++slot) {
      const std::size_t i = first + slot;
      float* values = scratch.values.data() + slot * book_.lanes();
      const float least_upper = book_.finish(values, norms_[i]);
      const std::size_t n_list = book_.candidates(values, norms_[i], least_upper, scratch.list.data());
      relabel(i, book_.order()[book_.nearest(rows_.row(i), padded[slot], norms_[i], scratch.list.data(), n_list, scratch)],
              worker);
    }
  }
}

template <class T>
void Assigner<T>::relabel(std::size_t i, std::int32_t label, Worker& worker) {
  if (label == labels_[i]) return;
  if (!first_) worker.changes.push_back({i, labels_[i], label});
  labels_[i] = label;
}

// Integers are added to and subtracted from; float sums of the clusters that changed are made anew.
// Columns are shared out, not rows: every sum is added up in one order, whatever the threads.
template <class T>
void Assigner<T>::apply_changes() {
  std::vector<char> affected(counts_.size(), first_ ? 1 : 0);
  for (const Worker& worker : workers_)
    for (const Change& change : worker.changes) {
      affected[static_cast<std::size_t>(change.from)] = 1;
      affected[static_cast<std::size_t>(change.to)] = 1;
    }
  if (integer_sums_.empty())
    return add_up(rows_, labels_.data(), weights_, n_threads_, affected, float_sums_.data(), counts_.data());
  if (first_)
    return add_up(rows_, labels_.data(), weights_, n_threads_, affected, integer_sums_.data(), counts_.data());
  const std::size_t d = rows_.n_columns;
  for (const Worker& worker : workers_)
    for (const Change& change : worker.changes) {
      counts_[static_cast<std::size_t>(change.from)] -= 1;
      counts_[static_cast<std::size_t>(change.to)] += 1;
    }
  for_blocks(d, std::max<std::size_t>(64, d / static_cast<std::size_t>(n_threads_) + 1), n_threads_,
             [&](std::size_t begin, std::size_t end, int) {
               for (const Worker& worker : workers_)
                 for (const Change& change : worker.changes) {
                   const T* row = rows_.row(change.row);
                   std::int64_t* from = integer_sums_.data() + static_cast<std::size_t>(change.from) * d;
                   std::int64_t* to = integer_sums_.data() + static_cast<std::size_t>(change.to) * d;
                   for (std::size_t l = begin; l < end; ++l) {
                     from[l] -= static_cast<std::int64_t>(row[l]);
                     to[l] += static_cast<std::int64_t>(row[l]);
                   }
                 }
             });
}

template <class T>
void Assigner<T>::copy_sums(double* sums) const {
  if (integer_sums_.empty())
    std::copy(float_sums_.begin(), float_sums_.end(), sums);
  else
    std::copy(integer_sums_.begin(), integer_sums_.end(), sums);
}

template <class T>
void Assigner<T>::distances(double* out) const {
  for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i)
      out[i] = book_.exact(rows_.row(i), book_.lane_of()[static_cast<std::size_t>(labels_[i])]);
  });
}

template <class T>
double Assigner<T>::inertia() const {
  if (!integer_sums_.empty()) {
    const double found = book_.inertia(sum_of_squares_, integer_sums_.data(), counts_.data());
    if (found > kCancelling * sum_of_squares_) return found;
  }
  std::vector<double> all(rows_.n_rows);
  distances(all.data());
  double total = 0;
  for (std::size_t i = 0; i < all.size(); ++i) total += (weights_ != nullptr ? weights_[i] : 1.0) * all[i];
  return total;
}

template class Assigner<std::uint8_t>;
template class Assigner<float>;
template class Assigner<double>;

}  // namespace inkmeans
