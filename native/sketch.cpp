#include "sketch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRowBlock = 256;
constexpr std::size_t kBatch = 4;
// ||z|| at the most: the squared distance of two sketches then fits int32.
constexpr double kLongest = 20000;
// Shorter rests count as this long, which brings no two of them farther apart: the root of a small
// difference would be too uncertain.
constexpr double kShortestRest = 500;
constexpr double kFloatUnit = 1.0 / (1 << 24);
constexpr double kInt32Max = 2147483647.0;
constexpr double kMixGrowth = 1.25;  // of directions that are nearly orthonormal
constexpr double kLargestWeight = 64;  // what block_dots is exact for on every instruction set

// Inverse of the lower triangle R with R R' = G, row by row. Rows stay zero of directions that depend
// on those before them, or that would multiply rounding errors by more than `most_growth`.
std::vector<double> orthonormalise(const std::vector<double>& gram, std::size_t p, double most_growth) {
  std::vector<double> triangle(p * p, 0.0), inverse(p * p, 0.0);
  for (std::size_t i = 0; i < p; ++i) {
    double left = gram[i * p + i];
    for (std::size_t j = 0; j < i; ++j) {
      double sum = gram[i * p + j];
      for (std::size_t l = 0; l < j; ++l) sum -= triangle[i * p + l] * triangle[j * p + l];
      triangle[i * p + j] = triangle[j * p + j] > 0 ? sum / triangle[j * p + j] : 0.0;
      left -= triangle[i * p + j] * triangle[i * p + j];
    }
    if (left <= 1e-3 * gram[i * p + i]) continue;
    triangle[i * p + i] = std::sqrt(left);
    inverse[i * p + i] = 1 / triangle[i * p + i];
    for (std::size_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::size_t l = j; l < i; ++l) sum -= triangle[i * p + l] * inverse[l * p + j];
      inverse[i * p + j] = sum / triangle[i * p + i];
    }
    double growth = 0;
    for (std::size_t j = 0; j <= i; ++j) growth += std::abs(inverse[i * p + j]) * std::sqrt(gram[j * p + j]);
    if (growth <= most_growth) continue;
    triangle[i * p + i] = 0;
    std::fill_n(inverse.begin() + static_cast<std::ptrdiff_t>(i * p), p, 0.0);
  }
  return inverse;
}

}  // namespace

void Sketches::set(std::size_t i, const float* coordinates, double squared_length, double error,
                   std::size_t complete_at) {
  std::int16_t* out = values_.data() + i * length_;
  if (!(squared_length < kLongest * kLongest)) {
    std::fill(out, out + length_, std::int16_t{0});
    norms_[i] = -(1 << 30);
    return;
  }
  const std::size_t last_element = length_ - 1;
  double squares[4] = {};
  for (std::size_t p = 0; p < first_ + last_element; ++p) {
    const double coordinate = coordinates[p];
    squares[p % 4] += coordinate * coordinate;
  }
  std::int32_t norm = 0;
  for (std::size_t p = 0; p < last_element; ++p) {
    constexpr float magic = 12582912.0F;  // rounds to whole numbers, in a form that vectorises
    const auto rounded = static_cast<std::int32_t>((coordinates[first_ + p] + magic) - magic);
    out[p] = static_cast<std::int16_t>(rounded);
  }
  out[last_element] = 0;
  for (std::size_t p = 0; p < length_; ++p) norm += std::int32_t{out[p]} * std::int32_t{out[p]};
  const bool complete = first_ + last_element >= complete_at;
  const double rest = complete ? 0 : squared_length - (squares[0] + squares[1] + squares[2] + squares[3]);
  const double last = std::sqrt(std::max(rest, kShortestRest * kShortestRest));
  const double rest_error = complete ? 0 : error * squared_length / last;
  for (double seen = rest_error_; rest_error > seen && !rest_error_.compare_exchange_weak(seen, rest_error);) {
  }
  out[last_element] = static_cast<std::int16_t>(std::lrint(last));
  norms_[i] = norm + out[last_element] * out[last_element];
}

void Sketches::to_panel(std::size_t i, std::size_t lane, std::size_t lanes, std::int16_t* panel) const {
  for (std::size_t p = 0; p < length_; ++p) panel[(p / 2 * lanes + lane) * 2 + p % 2] = row(i)[p];
}

template <class T>
Projector<T>::Projector(const Directions& directions, std::size_t length, double farthest)
    : tile_(tiles()),
      d_(directions.basis.n_columns),
      padded_(round_up(d_, kRowMultiple)),
      length_(length),
      center_(directions.center, directions.center + d_) {
  if constexpr (is_bytes) {
    // Rounded so that its int16 form is exact.
    center_s16_.assign(padded_, 0);
    double total = 1;
    for (double& value : center_) total += value = std::min(std::max(value, 0.0), 255.0);
    while (255 * total * center_unit_ >= kInt32Max) center_unit_ /= 2;
    for (std::size_t l = 0; l < d_; ++l) {
      center_s16_[l] = static_cast<std::int16_t>(center_[l] * center_unit_);
      center_[l] = center_s16_[l] / center_unit_;
    }
  }
  double reach = farthest * farthest;
  for (double value : center_) {
    center_norm_ += value * value;
    if (farthest == 0) reach += std::max(value, 255 - value) * std::max(value, 255 - value);
  }
  scale_ = reach > 0 ? (kLongest - 300) / std::sqrt(reach) : 1.0;
  quantise(directions);
}

// Directions rounded to int8, and the mix that makes them orthonormal. Float rows take both at once.
template <class T>
void Projector<T>::quantise(const Directions& directions) {
  const std::size_t p = std::min(length_ - 1, directions.basis.n_rows);
  std::vector<double> weights(p * d_);
  for (std::size_t i = 0; i < p; ++i) {
    const double* direction = directions.basis.row(i);
    double largest = 0;
    for (std::size_t l = 0; l < d_; ++l) largest = std::max(largest, std::abs(direction[l]));
    for (std::size_t l = 0; l < d_; ++l)
      weights[i * d_ + l] = largest > 0 ? std::nearbyint(direction[l] / largest * kLargestWeight) : 0.0;
  }
  std::vector<double> gram(p * p);
  for (std::size_t i = 0; i < p; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sums[4] = {};
      for (std::size_t l = 0; l < d_; ++l) sums[l % 4] += weights[i * d_ + l] * weights[j * d_ + l];
      gram[i * p + j] = gram[j * p + i] = sums[0] + sums[1] + sums[2] + sums[3];
    }
  // uint8 rows are multiplied by the int8 directions and then, in float32, by the inverse.
  const std::vector<double> inverse = orthonormalise(gram, p, is_bytes ? kMixGrowth : 1000);
  std::size_t n_directions = 0;
  for (std::size_t i = 0; i < p; ++i)
    if (inverse[i * p + i] > 0 && ++n_directions == d_) complete_at_ = i + 1;
  if constexpr (is_bytes) {
    panel_s8_.assign(padded_ * length_, 0);
    basis_s16_.assign(padded_ * length_, 0);
    offsets_.assign(length_, 0.0F);
    mix_.assign(length_ * length_, 0.0F);
    for (std::size_t i = 0; i < p; ++i) {
      const std::size_t chunk = i / tile_.chunk_lanes * tile_.chunk_lanes;
      const std::size_t width = std::min(tile_.chunk_lanes, length_ - chunk);
      double offset = 0;
      for (std::size_t l = 0; l < d_; ++l) {
        const double weight = weights[i * d_ + l];
        panel_s8_[chunk * padded_ + (l / 4 * width + i - chunk) * 4 + l % 4] = static_cast<std::int8_t>(weight);
        basis_s16_[i * padded_ + l] = static_cast<std::int16_t>(weight);
        offset += weight * center_[l];
      }
      offsets_[i] = static_cast<float>(offset);
      for (std::size_t j = 0; j <= i; ++j)
        mix_[j * length_ + i] = static_cast<float>(inverse[i * p + j] * scale_);
    }
  } else {
    panel_f32_.assign(d_ * length_, 0.0F);
    std::vector<double> direction(d_);
    for (std::size_t i = 0; i < p; ++i) {
      std::fill(direction.begin(), direction.end(), 0.0);
      for (std::size_t j = 0; j <= i; ++j)
        for (std::size_t l = 0; l < d_; ++l) direction[l] += inverse[i * p + j] * weights[j * d_ + l];
      for (std::size_t l = 0; l < d_; ++l)
        panel_f32_[l * length_ + i] = static_cast<float>(direction[l]);
    }
  }
}

template <class T>
double Projector<T>::relative_error() const {
  // Coordinates are float32 sums of L products (uint8) or of d; twice, since squares are off by twice
  // as much, and a quarter more for the factors of the mix, a little longer than the directions.
  const double terms = static_cast<double>(is_bytes ? length_ : d_ + length_) + 8;
  return 2.5 * std::sqrt(static_cast<double>(length_)) * terms * kFloatUnit;
}

template <class T>
double Projector<T>::loss(std::size_t length, double rest_errors) const {
  const double terms = static_cast<double>(is_bytes ? length_ : d_ + length_) + 8;
  const double rounding = 1 + 4 * terms * kFloatUnit * kLongest;
  return std::sqrt(static_cast<double>(length)) * rounding + 1 + rest_errors;
}

template <class T>
typename Projector<T>::Scratch Projector<T>::scratch() const {
  Scratch made;
  made.padded.assign(padded_, 0);
  made.block_values.resize(padded_ / 4 + 16);
  made.block_index.resize(padded_ / 4 + 16);
  made.rows.assign(kBatch * std::max(d_, length_), 0.0F);
  made.products.assign(kBatch * length_, 0.0F);
  made.coordinates.assign(kBatch * length_, 0.0F);
  return made;
}

template <class T>
void Projector<T>::sketch(const T* const* rows, std::size_t n, std::size_t first, Sketches* const* sets,
                          std::size_t n_sets, Scratch& scratch) const {
  double squared[kBatch];
  const float* vectors[kBatch] = {};
  for (std::size_t r = 0; r < n; ++r) {
    double norm = 0;
    if constexpr (is_bytes) {
      const std::uint8_t* row = rows[r];
      if (padded_ != d_) {
        std::memcpy(scratch.padded.data(), row, d_);
        row = scratch.padded.data();
      }
      Blocks blocks{scratch.block_values.data(), scratch.block_index.data(), 0};
      tile_.nonzero_blocks(row, padded_ / 4, blocks);
      float* products = scratch.products.data() + r * length_;
      for (std::size_t chunk = 0; chunk < length_; chunk += tile_.chunk_lanes)
        tile_.block_dots(blocks, panel_s8_.data() + chunk * padded_,
                         std::min(tile_.chunk_lanes, length_ - chunk), products + chunk);
      for (std::size_t p = 0; p < length_; ++p) products[p] -= offsets_[p];
      const std::int16_t* center = center_s16_.data();
      std::int32_t along;
      tile_.pair_dots_u8(row, &center, 1, padded_, &along);
      norm = tile_.dot_u8_u8(row, row, padded_) - 2.0 * along / center_unit_ + center_norm_;
      vectors[r] = products;
    } else {
      float* vector = scratch.rows.data() + r * d_;
      for (std::size_t l = 0; l < d_; ++l) {
        const double difference = static_cast<double>(rows[r][l]) - center_[l];
        norm += difference * difference;
        vector[l] = static_cast<float>(difference * scale_);
      }
      vectors[r] = vector;
    }
    squared[r] = std::max(norm, 0.0) * scale_ * scale_;
  }
  if constexpr (is_bytes)
    tile_.dots_f32(vectors, n, mix_.data(), length_, length_, scratch.coordinates.data());
  else
    tile_.dots_f32(vectors, n, panel_f32_.data(), d_, length_, scratch.coordinates.data());
  for (std::size_t set = 0; set < n_sets; ++set)
    for (std::size_t r = 0; r < n; ++r)
      sets[set]->set(first + r, scratch.coordinates.data() + r * length_, squared[r], relative_error(), complete_at_);
}

template <class T>
void Projector<T>::sketch_centroid(const double* centroid, const std::int16_t* weights, double step,
                                   std::size_t index, Sketches& set, Scratch& scratch) const {
  double norm = 0;
  float* vector = scratch.rows.data();
  for (std::size_t l = 0; l < d_; ++l) {
    const double difference = centroid[l] - center_[l];
    norm += difference * difference;
    if constexpr (!is_bytes) vector[l] = static_cast<float>(difference * scale_);
  }
  if constexpr (is_bytes) {
    for (std::size_t p = 0; p < length_; ++p) {
      const double product = tile_.dot_s16(basis_s16_.data() + p * padded_, weights, padded_) * step;
      vector[p] = static_cast<float>(product) - offsets_[p];
    }
    tile_.dots_f32(&vector, 1, mix_.data(), length_, length_, scratch.coordinates.data());
  } else {
    tile_.dots_f32(&vector, 1, panel_f32_.data(), d_, length_, scratch.coordinates.data());
  }
  set.set(index, scratch.coordinates.data(), norm * scale_ * scale_, relative_error() + 1e-6, complete_at_);
}

template <class T>
void sketch_rows(Matrix<T> rows, const Projector<T>& projector, int n_threads, Sketches* const* sets,
                 std::size_t n_sets) {
  for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    auto scratch = projector.scratch();
    const T* batch[kBatch];
    for (std::size_t i = begin; i < end; i += kBatch) {
      const std::size_t n = std::min(kBatch, end - i);
      for (std::size_t r = 0; r < n; ++r) batch[r] = rows.row(i + r);
      projector.sketch(batch, n, i, sets, n_sets, scratch);
    }
  });
}

#define INKMEANS_FOR(T)          \
  template class Projector<T>;   \
  template void sketch_rows(Matrix<T>, const Projector<T>&, int, Sketches* const*, std::size_t);
INKMEANS_FOR(std::uint8_t)
INKMEANS_FOR(float)
INKMEANS_FOR(double)
#undef INKMEANS_FOR

}  // namespace inkmeans
