#include "codebook.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "similar.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr double kFloatUnit = 1.0 / (1 << 24);
constexpr double kInt32Max = 2147483647.0;
// Covers what float32 loses below its smallest normal number, in sums of up to a million products.
constexpr float kUnderflow = 1e-36F;

// Nearest integer of a value below 2^51, in a form that compilers vectorise.
inline double round_half_even(double value) {
  constexpr double magic = 6755399441055744.0;
  return (value + magic) - magic;
}

}  // namespace

template <class T>
Codebook<T>::Codebook(std::size_t n_centroids, Use use, const Matrix<T>& rows)
    : tiles_(inkmeans::tiles()),
      use_(use),
      n_centroids_(n_centroids),
      n_columns_(rows.n_columns),
      padded_columns_(round_up(rows.n_columns, kRowMultiple)),
      lanes_(round_up(n_centroids, kLaneMultiple)) {
  if (is_bytes && n_columns_ > kMostByteColumns)
    throw std::invalid_argument("uint8 rows of more than 66,000 columns are not supported");
  order_.assign(lanes_, -1);
  lane_of_.assign(n_centroids_, 0);
  centroids_.assign(lanes_ * n_columns_, 0.0);
  shifts_.assign(lanes_, 0.0);
  offset_.assign(lanes_, std::numeric_limits<float>::infinity());
  scale_.assign(lanes_, 0.0F);
  error_.assign(lanes_, 0.0F);
  pair_offset_.assign(lanes_, std::numeric_limits<double>::infinity());
  pair_scale_.assign(lanes_, 0.0);
  pair_error_.assign(lanes_, 0.0);
  if constexpr (is_bytes) {
    if (use_ == Use::tile) panel_s8_.assign(padded_columns_ * lanes_, 0);
    pairs_s16_.assign(padded_columns_ * lanes_, 0);
  } else {
    if (use_ == Use::tile) panel_f32_.assign(n_columns_ * lanes_, 0.0F);
    pairs_f32_.assign(padded_columns_ * lanes_, 0.0F);
    const double rounding = (static_cast<double>(n_columns_) + 8) * kFloatUnit;
    radius_factor_ = static_cast<float>(rounding / std::max(1 - rounding, 0.5));
  }
  choose_center(rows);
}

// The mean of some 2,000 rows: any vector is right, a central one makes the errors small.
template <class T>
void Codebook<T>::choose_center(const Matrix<T>& rows) {
  center_.assign(n_columns_, 0.0);
  const std::size_t stride = std::max<std::size_t>(1, rows.n_rows / 2000);
  double used = 0, largest = 0;
  for (std::size_t i = 0; i < rows.n_rows; i += stride, ++used)
    for (std::size_t l = 0; l < n_columns_; ++l) center_[l] += static_cast<double>(rows.row(i)[l]);
  for (double& value : center_) value /= std::max(used, 1.0);
  if constexpr (is_bytes) {
    // Rounded so that its int16 form is exact.
    center_s16_.assign(padded_columns_, 0);
    const double total = std::accumulate(center_.begin(), center_.end(), 1.0);
    center_scale_ = 32;
    while (255 * total * center_scale_ >= kInt32Max) center_scale_ /= 2;
    for (std::size_t l = 0; l < n_columns_; ++l) {
      center_s16_[l] = static_cast<std::int16_t>(center_[l] * center_scale_);
      center_[l] = center_s16_[l] / center_scale_;
    }
  } else {
    for (std::size_t i = 0; i < rows.n_rows; i += stride)
      for (std::size_t l = 0; l < n_columns_; ++l)
        largest = std::max(largest, std::abs(static_cast<double>(rows.row(i)[l]) - center_[l]));
    int exponent = 0;
    if (largest > 0 && std::isfinite(largest)) std::frexp(largest, &exponent);
    unit_ = std::ldexp(1.0, std::min(std::max(-exponent, -1000), 1000));
  }
  center_norm_ = std::inner_product(center_.begin(), center_.end(), center_.begin(), 0.0);
}

template <class T>
void Codebook<T>::arrange(const double* centroids) {
  std::vector<std::int32_t> items(n_centroids_);
  std::iota(items.begin(), items.end(), 0);
  if (use_ == Use::pairs) items = order_by_similarity({centroids, n_centroids_, n_columns_}, kLaneMultiple);
  for (std::size_t lane = 0; lane < items.size(); ++lane) {
    order_[lane] = items[lane];
    lane_of_[static_cast<std::size_t>(items[lane])] = static_cast<std::uint32_t>(lane);
  }
  arranged_ = true;
}

template <class T>
void Codebook<T>::update(const double* centroids, int n_threads) {
  const bool first = !arranged_;
  if (first) arrange(centroids);
  for_blocks(lanes_, 16, n_threads, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t lane = begin; lane < end; ++lane) {
      if (order_[lane] < 0) continue;
      const double* fresh = centroids + static_cast<std::size_t>(order_[lane]) * n_columns_;
      double* kept = centroids_.data() + lane * n_columns_;
      double moved[4] = {};
      for (std::size_t l = 0; l < n_columns_; ++l) {
        const double step = fresh[l] - kept[l];
        moved[l % 4] += step * step;
      }
      const double squared = moved[0] + moved[1] + moved[2] + moved[3];
      shifts_[lane] = std::sqrt(squared) * (1 + 1e-9);
      if (!first && squared == 0) continue;
      std::copy(fresh, fresh + n_columns_, kept);
      quantise(lane, kept);
    }
  });
  largest_offset_ = largest_norm_ = 0;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    if (order_[lane] < 0) continue;
    largest_offset_ = std::max(largest_offset_, std::abs(offset_[lane]));
    largest_norm_ = std::max(largest_norm_, static_cast<float>(pair_offset_[lane]));
  }
}

template <class T>
void Codebook<T>::quantise(std::size_t lane, const double* centroid) {
  if constexpr (is_bytes) {
    if (use_ == Use::tile) quantise_bytes(lane, centroid);
    quantise_pair(lane, centroid);
  } else {
    quantise_floats(lane, centroid);
  }
}

// int8 weights of c - m, for the tile.
template <class T>
void Codebook<T>::quantise_bytes(std::size_t lane, const double* centroid) {
  double largest = 0, norm = 0;
  for (std::size_t l = 0; l < n_columns_; ++l) {
    largest = std::max(largest, std::abs(centroid[l] - center_[l]));
    norm += centroid[l] * centroid[l];
  }
  const double scale = largest > 0 ? tiles_.max_weight / largest : 1.0;
  const double step = 1.0 / scale;
  double lost = 0, lost_at_center = 0;
  const std::size_t chunk = lane / tiles_.chunk_lanes * tiles_.chunk_lanes;
  const std::size_t width = std::min(tiles_.chunk_lanes, lanes_ - chunk);
  std::int8_t* panel = panel_s8_.data() + chunk * padded_columns_ + (lane - chunk) * 4;
  for (std::size_t first = 0; first < n_columns_; first += 4) {
    std::int8_t weights[4] = {};
    for (std::size_t l = first; l < std::min(first + 4, n_columns_); ++l) {
      const double difference = centroid[l] - center_[l];
      const double weight = round_half_even(difference * scale);
      const double error = difference - weight * step;
      lost += error * error;
      lost_at_center += error * center_[l];
      weights[l - first] = static_cast<std::int8_t>(weight);
    }
    std::memcpy(panel + first * width, weights, 4);
  }
  offset_[lane] = static_cast<float>(norm - center_norm_ - 2 * lost_at_center);
  scale_[lane] = static_cast<float>(-2 * step);
  error_[lane] = static_cast<float>(std::sqrt(lost) * (1 + 1e-6) + 1e-6);
}

// int16 weights of c, for single pairs; 255 * sum |w| must fit int32.
template <class T>
void Codebook<T>::quantise_pair(std::size_t lane, const double* centroid) {
  double largest = 0, totals[4] = {}, norms[4] = {};
  for (std::size_t l = 0; l < n_columns_; ++l) {
    largest = std::max(largest, std::abs(centroid[l]));
    totals[l % 4] += std::abs(centroid[l]);
    norms[l % 4] += centroid[l] * centroid[l];
  }
  const double total = totals[0] + totals[1] + totals[2] + totals[3];
  double scale = largest > 0 ? 32000 / largest : 1.0;
  if (total > 0) scale = std::min(scale, (kInt32Max / 255 - static_cast<double>(n_columns_)) / total);
  const double step = 1.0 / scale;
  double lost[4] = {};
  std::int16_t* weights = pairs_s16_.data() + lane * padded_columns_;
  for (std::size_t l = 0; l < n_columns_; ++l) {
    const double weight = round_half_even(centroid[l] * scale);
    const double error = centroid[l] - weight * step;
    lost[l % 4] += error * error;
    weights[l] = static_cast<std::int16_t>(weight);
  }
  pair_offset_[lane] = norms[0] + norms[1] + norms[2] + norms[3];
  pair_scale_[lane] = -2 * step;
  pair_error_[lane] = 2 * (std::sqrt(lost[0] + lost[1] + lost[2] + lost[3]) * (1 + 1e-6) + 1e-9);
}

template <class T>
void Codebook<T>::quantise_floats(std::size_t lane, const double* centroid) {
  double norm = 0;
  float* pair = pairs_f32_.data() + lane * padded_columns_;
  for (std::size_t l = 0; l < n_columns_; ++l) {
    const double difference = (centroid[l] - center_[l]) * unit_;
    norm += difference * difference;
    pair[l] = static_cast<float>(difference);
    if (use_ == Use::tile) panel_f32_[l * lanes_ + lane] = pair[l];
  }
  const double length = std::sqrt(norm) * (1 + 1e-6);
  offset_[lane] = static_cast<float>(norm);
  scale_[lane] = -2;
  error_[lane] = static_cast<float>(length);
  pair_offset_[lane] = norm;
  pair_scale_[lane] = -2;
  pair_error_[lane] = 2 * length * (static_cast<double>(padded_columns_) / 8 + 24) * kFloatUnit;
}

template <class T>
typename Codebook<T>::Scratch Codebook<T>::scratch() const {
  Scratch made;
  made.padded.assign(kBatch * padded_columns_, Padded{0});
  if constexpr (is_bytes) {
    made.block_values.resize(kBatch * (padded_columns_ / 4 + 16));
    made.block_index.resize(kBatch * (padded_columns_ / 4 + 16));
  }
  made.values.resize(kBatch * lanes_);
  made.list.resize(lanes_ + 64);
  made.intervals.resize(lanes_ + 64);
  return made;
}

template <class T>
const typename Codebook<T>::Padded* Codebook<T>::prepare(const T* row, Scratch& scratch,
                                                         std::size_t slot) const {
  Padded* out = scratch.padded.data() + slot * padded_columns_;
  if constexpr (is_bytes) {
    if (padded_columns_ == n_columns_) return row;
    std::memcpy(out, row, n_columns_);
  } else {
    for (std::size_t l = 0; l < n_columns_; ++l)
      out[l] = static_cast<float>((static_cast<double>(row[l]) - center_[l]) * unit_);
  }
  return out;
}

template <class T>
RowNorms Codebook<T>::norms(const Padded* row, double* exact_square) const {
  if constexpr (is_bytes) {
    const double square = tiles_.dot_u8_u8(row, row, padded_columns_);
    if (exact_square != nullptr) *exact_square = square;
    const std::int16_t* center = center_s16_.data();
    std::int32_t dot;
    tiles_.pair_dots_u8(row, &center, 1, padded_columns_, &dot);
    const double along = dot / center_scale_;
    const double from_center = std::max(0.0, square - 2 * along + center_norm_);
    return {static_cast<float>(square), static_cast<float>(from_center)};
  } else {
    double sums[4] = {};
    for (std::size_t l = 0; l < padded_columns_; ++l)
      sums[l % 4] += static_cast<double>(row[l]) * static_cast<double>(row[l]);
    const auto square = static_cast<float>(sums[0] + sums[1] + sums[2] + sums[3]);
    return {square, square};
  }
}

template <class T>
float Codebook<T>::slack(RowNorms norms) const {
  // Rounding of the float32 arithmetic around the dot product: a few units in the last place of
  // its largest term, 2 x.c at the most.
  const float product = 2 * std::sqrt(norms.from_origin * largest_norm_);
  return 5e-7F * (norms.from_center + largest_offset_ + product) + kUnderflow;
}

template <class T>
void Codebook<T>::dots(const Padded* const* rows, std::size_t n_rows, Scratch& scratch) const {
  if constexpr (is_bytes) {
    const std::size_t n_blocks = padded_columns_ / 4;
    Blocks blocks[kBatch];
    for (std::size_t r = 0; r < n_rows; ++r) {
      const std::size_t at = r * (n_blocks + 16);
      blocks[r] = {scratch.block_values.data() + at, scratch.block_index.data() + at, 0};
      tiles_.nonzero_blocks(rows[r], n_blocks, blocks[r]);
    }
    for (std::size_t lane = 0; lane < lanes_; lane += tiles_.chunk_lanes) {
      const std::size_t width = std::min(tiles_.chunk_lanes, lanes_ - lane);
      const std::int8_t* panel = panel_s8_.data() + lane * padded_columns_;
      for (std::size_t r = 0; r < n_rows; ++r)
        tiles_.block_dots(blocks[r], panel, width, scratch.values.data() + r * lanes_ + lane);
    }
  } else {
    for (std::size_t r = 0; r < n_rows; r += 4)
      tiles_.dots_f32(rows + r, std::min<std::size_t>(4, n_rows - r), panel_f32_.data(), n_columns_,
                      lanes_, scratch.values.data() + r * lanes_);
  }
}

template <class T>
float Codebook<T>::finish(float* values, RowNorms norms) const {
  return tiles_.least_upper(values, offset_.data(), scale_.data(), error_.data(), radius(norms), lanes_);
}

template <class T>
std::size_t Codebook<T>::candidates(const float* values, RowNorms norms, float least_upper,
                                    std::uint32_t* out) const {
  const float rounding = slack(norms);
  if (std::isfinite(rounding)) {
    const std::size_t count =
        tiles_.candidates(values, error_.data(), radius(norms), least_upper + 2 * rounding, lanes_, out);
    if (count > 0) return count;
  }
  std::copy(lane_of_.begin(), lane_of_.end(), out);  // float32 overflowed: nothing is ruled out
  return n_centroids_;
}

template <class T>
void Codebook<T>::pairs(const Padded* row, RowNorms norms, const std::uint32_t* list,
                        std::size_t n_list, Interval* out) const {
  const double length = std::sqrt(static_cast<double>(norms.from_origin));
  for (std::size_t first = 0; first < n_list; first += 4) {
    const std::size_t n = std::min<std::size_t>(4, n_list - first);
    using Weight = std::conditional_t<is_bytes, std::int16_t, float>;
    const Weight* weights[4];
    std::conditional_t<is_bytes, std::int32_t, float> dots[4];
    for (std::size_t j = 0; j < n; ++j) {
      if constexpr (is_bytes)
        weights[j] = pairs_s16_.data() + list[first + j] * padded_columns_;
      else
        weights[j] = pairs_f32_.data() + list[first + j] * padded_columns_;
    }
    if constexpr (is_bytes)
      tiles_.pair_dots_u8(row, weights, n, padded_columns_, dots);
    else
      tiles_.pair_dots_f32(row, weights, n, padded_columns_, dots);
    for (std::size_t j = 0; j < n; ++j) {
      const std::uint32_t lane = list[first + j];
      if constexpr (!is_bytes)
        if (!std::isfinite(norms.from_origin + dots[j])) {  // float32 overflowed: anything is possible
          out[first + j] = {0.0, std::numeric_limits<double>::infinity()};
          continue;
        }
      out[first + j] = {norms.from_origin + pair_offset_[lane] + pair_scale_[lane] * dots[j],
                        length * pair_error_[lane] + 1e-6 * norms.from_origin + kUnderflow};
    }
  }
}

template <class T>
double Codebook<T>::exact(const T* row, std::size_t lane) const {
  return squared_distance(row, centroids_.data() + lane * n_columns_, n_columns_);
}

template <class T>
std::uint32_t Codebook<T>::nearest(const T* row, const Padded* padded, RowNorms norms,
                                   const std::uint32_t* list, std::size_t n_list,
                                   Scratch& scratch) const {
  if (n_list == 1) return list[0];
  pairs(padded, norms, list, n_list, scratch.intervals.data());
  return nearest_of(row, list, scratch.intervals.data(), n_list);
}

template <class T>
std::uint32_t Codebook<T>::nearest_of(const T* row, const std::uint32_t* list,
                                      const Interval* intervals, std::size_t n_list) const {
  double least_upper = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n_list; ++i)
    least_upper = std::min(least_upper, intervals[i].value + intervals[i].half);
  std::size_t n_left = 0;
  std::uint32_t best = list[0];
  for (std::size_t i = 0; i < n_list; ++i)
    if (!(intervals[i].value - intervals[i].half > least_upper)) {
      ++n_left;
      best = list[i];
    }
  if (n_left == 1) return best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n_list; ++i) {
    if (intervals[i].value - intervals[i].half > least_upper) continue;
    const double distance = exact(row, list[i]);
    if (distance < least || (distance == least && order_[list[i]] < order_[best])) {
      least = distance;
      best = list[i];
    }
  }
  return best;
}

template <class T>
double Codebook<T>::inertia(double sum_of_squares, const std::int64_t* sums,
                            const double* counts) const {
  double total = sum_of_squares;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    if (order_[lane] < 0) continue;
    const auto cluster = static_cast<std::size_t>(order_[lane]);
    const double* centroid = centroids_.data() + lane * n_columns_;
    double along = 0, norm = 0;
    for (std::size_t l = 0; l < n_columns_; ++l) {
      along += centroid[l] * static_cast<double>(sums[cluster * n_columns_ + l]);
      norm += centroid[l] * centroid[l];
    }
    total += counts[cluster] * norm - 2 * along;
  }
  return std::max(total, 0.0);
}

template class Codebook<std::uint8_t>;
template class Codebook<float>;
template class Codebook<double>;

}  // namespace inkmeans
