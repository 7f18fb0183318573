#include "lloyd.hpp"

#include <algorithm>
#include <limits>

#include "assign.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRowBlock = 256;
constexpr std::size_t kAll = ~std::size_t{0};
// Square root of the upper end, rounded up.
float upper_of(Interval interval) {
  return static_cast<float>(std::sqrt(std::max(interval.value + interval.half, 0.0)) * (1 + 1e-6));
}

// Square root of the lower end, rounded down.
float lower_of(Interval interval) {
  return static_cast<float>(std::sqrt(std::max(interval.value - interval.half, 0.0)) * (1 - 1e-6));
}

// Largest distance of a row from a point, rounded up.
template <class T>
double farthest_from(const Matrix<T>& rows, const double* point) {
  double largest = 0;
  for (std::size_t i = 0; i < rows.n_rows; ++i)
    largest = std::max(largest, squared_distance(rows.row(i), point, rows.n_columns));
  return std::sqrt(largest) * (1 + 1e-6);
}

constexpr double kLoweringStep = 24;  // units of drift that are worth a pass over all bytes
// Bytes reach from 0.85 of the own distance to about 1.4 of it.
constexpr float kOrigin = 0.85F;
constexpr double kUnits = 450;  // a typical distance at the first update, which later ones are below

}  // namespace

// Bytes of bounds may take up to 0.4 of the input's, but at least 64 a row.
template <class T>
std::size_t Assigner<T>::group_size_for(const Matrix<T>& rows, std::size_t n_clusters) {
  const std::size_t allowed = std::max<std::size_t>(64, rows.n_columns * sizeof(T) * 2 / 5);
  return (n_clusters + allowed - 1) / allowed;
}

template <class T>
Assigner<T>::Assigner(Matrix<T> rows, std::size_t n_clusters, const double* weights,
                      const Directions* directions, int n_threads)
    : rows_(rows),
      weights_(weights),
      n_threads_(std::max(n_threads, 1)),
      book_(n_clusters, group_size_for(rows, n_clusters), rows),
      stride_(round_up(book_.n_groups(), 32)),
      labels_(rows.n_rows, -1),
      norms_(rows.n_rows),
      origins_(rows.n_rows, 0.0F),
      uppers_(rows.n_rows, 0.0F),
      bounds_(rows.n_rows * stride_, 255),
      drift_(book_.n_groups(), 0.0),
      drift_bytes_(stride_, 0),
      lowering_(stride_, 0),
      pending_(book_.lanes(), 0.0F),
      lane_shifts_(book_.lanes(), 0.0F),
      group_of_(book_.lanes(), 0),
      counts_(n_clusters, 0.0),
      workers_(static_cast<std::size_t>(n_threads_)) {
  if (Book::is_bytes && weights_ == nullptr)
    integer_sums_.assign(n_clusters * rows.n_columns, 0);
  else
    float_sums_.assign(n_clusters * rows.n_columns, 0.0);
  for (std::size_t lane = 0; lane < book_.lanes(); ++lane)
    group_of_[lane] = static_cast<std::uint32_t>(lane % book_.n_groups());
  for (Worker& worker : workers_) {
    worker.scratch = book_.scratch();
    worker.lane_bytes.resize(book_.lanes());
    worker.queue.reserve(Book::kBatch);
    for (auto* list : {&worker.lanes, &worker.kept}) list->resize(book_.lanes() + 64);
    worker.lowers.resize(book_.lanes() + 64);
  }
  if (directions == nullptr) return;
  screen_ = std::make_unique<CentroidScreen<T>>(
      *directions, Book::is_bytes ? 0.0 : farthest_from(rows, directions->center), book_.lanes());
  sketches_ = std::make_unique<Sketches>(rows.n_rows, CentroidScreen<T>::kLength);
  Sketches* const sets[] = {sketches_.get()};
  sketch_rows(rows, screen_->projector(), n_threads_, sets, 1);
}

template <class T>
std::size_t Assigner<T>::update(const double* centroids) {
  book_.update(centroids, n_threads_);
  if (screen_) screen_->update(book_, *sketches_, n_threads_);
  if (first_)
    measure_rows();
  else
    advance_drift();
  for (Worker& worker : workers_) worker.changes.clear();
  for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int worker) {
    pass(begin, end, workers_[static_cast<std::size_t>(worker)]);
  });
  std::size_t changed = 0;
  for (const Worker& worker : workers_) changed += worker.changes.size();
  if (first_) changed = rows_.n_rows;
  apply_changes();
  first_ = false;
  return changed;
}

// Norms of all rows, and the unit of the bounds.
template <class T>
void Assigner<T>::measure_rows() {
  std::vector<double> squares((rows_.n_rows + kRowBlock - 1) / kRowBlock, 0.0);
  for_blocks(rows_.n_rows, kRowBlock, n_threads_, [&](std::size_t begin, std::size_t end, int worker) {
    auto& scratch = workers_[static_cast<std::size_t>(worker)].scratch;
    double total = 0;
    for (std::size_t i = begin; i < end; ++i) {
      norms_[i] = book_.norms(book_.prepare(rows_.row(i), scratch, 0));
      total += norms_[i].from_origin;
    }
    squares[begin / kRowBlock] = total;
  });
  for (double part : squares) sum_of_squares_ += part;
  auto& scratch = workers_[0].scratch;
  const std::size_t stride = std::max<std::size_t>(1, rows_.n_rows / 64);
  double total = 0, used = 0;
  for (std::size_t i = 0; i < rows_.n_rows; i += stride, ++used) {
    const auto* padded = book_.prepare(rows_.row(i), scratch, 0);
    book_.dots(&padded, 1, scratch);
    const double squared = norms_[i].from_center + book_.finish(scratch.values.data(), norms_[i]);
    if (squared > 0 && squared < std::numeric_limits<float>::max()) total += std::sqrt(squared);
  }
  per_unit_ = total > 0 ? static_cast<float>(kUnits * used / total) : 1.0F;
}

template <class T>
void Assigner<T>::advance_drift() {
  const auto& shifts = book_.shifts();
  const std::size_t n_groups = book_.n_groups();
  for (std::size_t lane = 0; lane < book_.lanes(); ++lane)
    lane_shifts_[lane] = static_cast<float>(shifts[lane] * book_.unit() * (1 + 1e-6));
  double most = 0;
  for (std::size_t group = 0; group < n_groups; ++group) {
    double shift = 0;
    for (std::size_t t = 0; t < book_.group_size(); ++t)
      shift = std::max(shift, shifts[t * n_groups + group]);
    drift_[group] += shift * book_.unit() * per_unit_ * (1 + 1e-6);
    most = std::max(most, drift_[group]);
  }
  lowers_ = most >= kLoweringStep;
  for (std::size_t group = 0; group < n_groups; ++group) {
    if (lowers_) {
      lowering_[group] = static_cast<std::uint8_t>(std::min(std::max(std::ceil(drift_[group]), 0.0), 255.0));
      drift_[group] -= lowering_[group];
    }
    drift_bytes_[group] =
        static_cast<std::uint8_t>(std::min(std::max(std::ceil(drift_[group]), 0.0), 255.0));
    for (std::size_t t = 0; t < book_.group_size(); ++t)
      pending_[t * n_groups + group] = static_cast<float>(drift_[group] - 0.01);
  }
}

template <class T>
void Assigner<T>::pass(std::size_t begin, std::size_t end, Worker& worker) {
  for (std::size_t i = begin; i < end; ++i) {
    if (!first_ && screen(i, worker)) continue;
    if (screen_) {
      full_by_sketch(i, worker);
      continue;
    }
    worker.queue.push_back(i);
    if (worker.queue.size() == Book::kBatch) full(worker);
  }
  full(worker);
}

// Lists the groups that may hold a centroid nearer than `upper`; kAll stands for all of them.
template <class T>
std::size_t Assigner<T>::survivors(std::size_t i, float upper, std::uint32_t own, Worker& worker) const {
  const float threshold = (upper - origins_[i]) * per_unit_ + 0.01F;
  if (!(threshold <= 254)) return kAll;
  std::uint32_t* list = worker.scratch.list.data();
  const std::size_t n_list = book_.tiles().survivors(
      bounds(i), drift_bytes_.data(), static_cast<std::uint8_t>(std::max(std::ceil(threshold), 1.0F)),
      stride_, list);
  if (book_.group_size() > 1) return n_list;
  return static_cast<std::size_t>(std::remove(list, list + n_list, own) - list);
}

// Distance to the own centroid, as exact as a pair is.
template <class T>
bool Assigner<T>::tighten(std::size_t i, std::uint32_t own, Interval& interval, Worker& worker) {
  const auto* padded = book_.prepare(rows_.row(i), worker.scratch, 0);
  book_.pairs(padded, norms_[i], &own, 1, &interval);
  uppers_[i] = upper_of(interval);
  return std::isfinite(uppers_[i]);
}

template <class T>
void Assigner<T>::list_lanes(std::uint32_t own, Worker& worker) const {
  worker.n_lanes = 0;
  for (std::size_t g = 0; g < worker.n_groups; ++g)
    for (std::size_t t = 0; t < book_.group_size(); ++t) {
      const auto lane = static_cast<std::uint32_t>(t * book_.n_groups() + worker.scratch.list[g]);
      if (lane != own && book_.order()[lane] >= 0) worker.lanes[worker.n_lanes++] = lane;
    }
}

// Which of the listed lanes sketches leave, as positions in `lanes`; sets the others' lower bounds.
template <class T>
std::size_t Assigner<T>::keep_by_sketch(std::size_t i, std::size_t n_kept, Worker& worker) const {
  const auto limit = static_cast<float>(screen_->limit(distance_of(uppers_[i])));
  float* squared = worker.scratch.values.data();
  std::size_t left = 0;
  for (std::size_t at = 0; at < n_kept; ++at)
    if (squared[worker.kept[at]] <= limit) worker.kept[left++] = worker.kept[at];
  return left;
}

// Decides a row by its bounds and a few distances; false where the full tile is cheaper.
template <class T>
bool Assigner<T>::screen(std::size_t i, Worker& worker) {
  if (lowers_) book_.tiles().lower(bounds(i), lowering_.data(), stride_);
  const std::uint32_t own = book_.lane_of()[static_cast<std::size_t>(labels_[i])];
  // The old distance and what the centroid has moved often suffice: then the row is not even read.
  uppers_[i] = (uppers_[i] + lane_shifts_[own]) * (1 + 1e-6F);
  worker.n_groups = survivors(i, uppers_[i], own, worker);
  if (worker.n_groups == 0) return true;
  Interval own_interval;
  std::size_t n_kept = 0;
  if (screen_) {
    if (worker.n_groups == kAll || book_.tile_is_cheaper(worker.n_groups * book_.group_size())) return false;
    list_lanes(own, worker);
    float* squared = worker.scratch.values.data();
    screen_->some(*sketches_, i, worker.lanes.data(), worker.n_lanes, squared);
    const auto loss = static_cast<float>(screen_->loss());
    const auto per_scale = static_cast<float>(book_.unit() / screen_->scale());
    float* lowers = worker.lowers.data();
    std::uint32_t* kept = worker.kept.data();
    for (std::size_t at = 0; at < worker.n_lanes; ++at) {
      kept[at] = static_cast<std::uint32_t>(at);
      lowers[at] = (std::sqrt(squared[at] > 0 ? squared[at] : 0.0F) - loss) * per_scale;
    }
    n_kept = keep_by_sketch(i, worker.n_lanes, worker);
    if (n_kept == 0) {
      refresh_bounds(i, own, 0, own, worker);
      return true;
    }
    if (!tighten(i, own, own_interval, worker)) return false;
    n_kept = keep_by_sketch(i, n_kept, worker);
  } else {
    if (!tighten(i, own, own_interval, worker)) return false;
    worker.n_groups = survivors(i, uppers_[i], own, worker);
    if (worker.n_groups == 0) return true;
    if (worker.n_groups == kAll || book_.tile_is_cheaper(worker.n_groups * book_.group_size())) return false;
    list_lanes(own, worker);
    for (; n_kept < worker.n_lanes; ++n_kept) worker.kept[n_kept] = static_cast<std::uint32_t>(n_kept);
  }
  compare(i, own, own_interval, n_kept, worker);
  return true;
}

// Distances to the lanes that were kept; new label and new bounds.
template <class T>
void Assigner<T>::compare(std::size_t i, std::uint32_t own, Interval own_interval, std::size_t n_kept,
                          Worker& worker) {
  auto& scratch = worker.scratch;
  const auto* padded = book_.prepare(rows_.row(i), scratch, 0);
  std::uint32_t* list = scratch.list.data() + worker.n_groups;  // behind the groups, which are kept
  list[0] = own;
  for (std::size_t at = 0; at < n_kept; ++at) list[at + 1] = worker.lanes[worker.kept[at]];
  scratch.intervals[0] = own_interval;
  book_.pairs(padded, norms_[i], list + 1, n_kept, scratch.intervals.data() + 1);
  const std::uint32_t winner = book_.nearest_of(rows_.row(i), list, scratch.intervals.data(), n_kept + 1);
  for (std::size_t at = 0; at < n_kept; ++at) {
    worker.lowers[worker.kept[at]] = lower_of(scratch.intervals[at + 1]);
    if (list[at + 1] == winner) uppers_[i] = upper_of(scratch.intervals[at + 1]);
  }
  refresh_bounds(i, own, lower_of(own_interval), winner, worker);
  relabel(i, winner, worker);
}

// Bounds of the listed groups from those of their lanes; that of the own lane where it lost.
template <class T>
void Assigner<T>::refresh_bounds(std::size_t i, std::uint32_t own, float own_lower, std::uint32_t winner,
                                 Worker& worker) {
  std::uint8_t* bytes = bounds(i);
  for (std::size_t g = 0; g < worker.n_groups; ++g) bytes[worker.scratch.list[g]] = 255;
  for (std::size_t at = 0; at < worker.n_lanes; ++at) {
    if (worker.lanes[at] == winner) continue;
    const std::size_t group = group_of_[worker.lanes[at]];
    bytes[group] = std::min(bytes[group], to_byte(worker.lowers[at], i, group));
  }
  if (winner == own) return;
  const std::size_t group = group_of_[own];
  const std::uint8_t byte = to_byte(own_lower, i, group);
  // With one centroid a group the own column was never listed, and holds nothing of use.
  bytes[group] = book_.group_size() == 1 ? byte : std::min(bytes[group], byte);
}

// After the distances to all centroids: all bounds of the row are about to be written anew.
template <class T>
void Assigner<T>::settle(std::size_t i, std::uint32_t winner, Interval interval, Worker& worker) {
  uppers_[i] = upper_of(interval);
  origins_[i] = std::isfinite(uppers_[i]) ? kOrigin * uppers_[i] : 0.0F;
  relabel(i, winner, worker);
}

// Distances of the queued rows to all centroids.
template <class T>
void Assigner<T>::full(Worker& worker) {
  if (worker.queue.empty()) return;
  auto& scratch = worker.scratch;
  const typename Book::Padded* padded[Book::kBatch];
  for (std::size_t slot = 0; slot < worker.queue.size(); ++slot)
    padded[slot] = book_.prepare(rows_.row(worker.queue[slot]), scratch, slot);
  book_.dots(padded, worker.queue.size(), scratch);
  for (std::size_t slot = 0; slot < worker.queue.size(); ++slot) {
    const std::size_t i = worker.queue[slot];
    float* values = scratch.values.data() + slot * book_.lanes();
    const float least_upper = book_.finish(values, norms_[i]);
    const std::size_t n_list = book_.candidates(values, norms_[i], least_upper, scratch.list.data());
    const std::uint32_t winner = book_.nearest(rows_.row(i), padded[slot], norms_[i],
                                               scratch.list.data(), n_list, scratch);
    const float half = book_.radius(norms_[i]) * book_.error()[winner] + book_.slack(norms_[i]);
    settle(i, winner, {norms_[i].from_center + values[winner], half}, worker);
    std::uint8_t* lane_bytes = book_.group_size() == 1 ? bounds(i) : worker.lane_bytes.data();
    book_.tiles().bound_bytes(values, book_.error(), book_.radius(norms_[i]),
                              norms_[i].from_center - book_.slack(norms_[i]), origins_[i], per_unit_,
                              pending_.data(), book_.lanes(), lane_bytes);
    store_bounds(i, lane_bytes, winner);
  }
  worker.queue.clear();
}

// Sketch distances of a row to all centroids, and the distances to those few that they leave.
template <class T>
void Assigner<T>::full_by_sketch(std::size_t i, Worker& worker) {
  auto& scratch = worker.scratch;
  float* squared = scratch.values.data();
  screen_->all(*sketches_, i, squared);
  const auto* padded = book_.prepare(rows_.row(i), scratch, 0);
  std::uint32_t* list = scratch.list.data();
  screen_->within(squared, screen_->least(squared), list);
  Interval nearest;
  book_.pairs(padded, norms_[i], list, 1, &nearest);
  const float upper = upper_of(nearest);
  std::size_t n_list = 0;
  if (std::isfinite(upper)) {
    n_list = screen_->within(squared, screen_->limit(distance_of(upper)), list);
    n_list = static_cast<std::size_t>(
        std::remove_if(list, list + n_list, [&](std::uint32_t lane) { return book_.order()[lane] < 0; }) - list);
  }
  if (n_list == 0) {  // float32 overflowed: nothing is ruled out
    std::copy(book_.lane_of().begin(), book_.lane_of().end(), list);
    n_list = book_.n_centroids();
  }
  book_.pairs(padded, norms_[i], list, n_list, scratch.intervals.data());
  const std::uint32_t winner = book_.nearest_of(rows_.row(i), list, scratch.intervals.data(), n_list);
  const auto at = static_cast<std::size_t>(std::find(list, list + n_list, winner) - list);
  settle(i, winner, scratch.intervals[at], worker);
  const double per_unit = screen_->scale() / book_.unit();  // of sketches, a unit of our distances
  std::uint8_t* lane_bytes = book_.group_size() == 1 ? bounds(i) : worker.lane_bytes.data();
  book_.tiles().bound_bytes(squared, screen_->zeros(), 0.0F, 0.0F,
                            static_cast<float>(origins_[i] * per_unit + screen_->loss()),
                            static_cast<float>(per_unit_ / per_unit), pending_.data(), book_.lanes(), lane_bytes);
  for (std::size_t lane = 0; lane < n_list; ++lane)
    lane_bytes[list[lane]] = to_byte(lower_of(scratch.intervals[lane]), i, group_of_[list[lane]]);
  store_bounds(i, lane_bytes, winner);
}

// Bounds of the groups from those of all lanes.
template <class T>
void Assigner<T>::store_bounds(std::size_t i, std::uint8_t* lane_bytes, std::uint32_t winner) {
  if (book_.group_size() == 1) return;  // they stand there already
  const std::size_t n_groups = book_.n_groups();
  std::uint8_t* bytes = bounds(i);
  lane_bytes[winner] = 255;
  std::copy(lane_bytes, lane_bytes + n_groups, bytes);
  for (std::size_t t = 1; t < book_.group_size(); ++t)
    for (std::size_t q = 0; q < n_groups; ++q)
      bytes[q] = std::min(bytes[q], lane_bytes[t * n_groups + q]);
}

template <class T>
std::uint8_t Assigner<T>::to_byte(float lower, std::size_t i, std::size_t group) const {
  const float bound = (lower - origins_[i]) * per_unit_ + pending_[group];
  return bound > 0 ? static_cast<std::uint8_t>(std::min(bound, 255.0F)) : 0;
}

template <class T>
void Assigner<T>::relabel(std::size_t i, std::uint32_t lane, Worker& worker) {
  const std::int32_t label = book_.order()[lane];
  if (label == labels_[i]) return;
  if (!first_) worker.changes.push_back({i, labels_[i], label});
  labels_[i] = label;
}

// Columns are shared out, not rows: every sum is added up in one order, whatever the threads.
template <class T>
void Assigner<T>::apply_changes() {
  std::vector<char> affected(counts_.size(), first_ ? 1 : 0);
  for (const Worker& worker : workers_)
    for (const Change& change : worker.changes) {
      affected[static_cast<std::size_t>(change.from)] = 1;
      affected[static_cast<std::size_t>(change.to)] = 1;
    }
  if (first_ || integer_sums_.empty()) return recompute_sums(affected);
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
void Assigner<T>::recompute_sums(const std::vector<char>& affected) {
  if (integer_sums_.empty())
    add_up(rows_, labels_.data(), weights_, n_threads_, affected, float_sums_.data(), counts_.data());
  else
    add_up(rows_, labels_.data(), weights_, n_threads_, affected, integer_sums_.data(), counts_.data());
}

template <class T>
void Assigner<T>::copy_sums(double* sums, double* counts) const {
  if (integer_sums_.empty())
    std::copy(float_sums_.begin(), float_sums_.end(), sums);
  else
    std::copy(integer_sums_.begin(), integer_sums_.end(), sums);
  std::copy(counts_.begin(), counts_.end(), counts);
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
  if (!integer_sums_.empty()) return book_.inertia(sum_of_squares_, integer_sums_.data(), counts_.data());
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
