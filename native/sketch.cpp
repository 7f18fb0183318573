#include "sketch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRowBlock = 256;
// ||z|| at the most: the squared distance of two sketches then fits int32.
constexpr double kLongest = 20000;

}  // namespace

Sketch::Sketch(Matrix<std::uint8_t> rows, const Projection& projection, int n_threads)
    : length_(projection.weights.n_rows),
      loss_(std::sqrt(static_cast<double>(length_))),
      values_(rows.n_rows * length_),
      norms_(rows.n_rows) {
  const Tiles& tile = tiles();
  const std::size_t d = rows.n_columns, padded = round_up(d, kRowMultiple);
  Aligned<std::int8_t> panel(padded * length_, 0);
  std::vector<float> offsets(length_, 0.0F);
  double farthest = 0;  // of any uint8 row from the center
  for (std::size_t l = 0; l < d; ++l) {
    const double reach = std::max(projection.center[l], 255 - projection.center[l]);
    farthest += reach * reach;
  }
  double shift = 1;
  while (projection.sigma * std::sqrt(farthest) / shift + loss_ > kLongest) shift *= 2;
  scale_ = projection.sigma / shift;
  for (std::size_t p = 0; p < length_; ++p) {
    double offset = 0;
    for (std::size_t l = 0; l < d; ++l) {
      const std::int8_t weight = projection.weights.row(p)[l];
      panel[(l / 4 * length_ + p) * 4 + l % 4] = weight;
      offset += weight * projection.center[l];
    }
    offsets[p] = static_cast<float>(std::nearbyint(offset));
  }
  const auto per_shift = static_cast<float>(1 / shift);
  for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<std::uint8_t> copy(padded, 0);
    std::vector<std::uint32_t> values(padded / 4), index(padded / 4);
    Aligned<float> dots(length_);
    Blocks blocks{values.data(), index.data(), 0};
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint8_t* row = rows.row(i);
      if (padded != d) {
        std::memcpy(copy.data(), row, d);
        row = copy.data();
      }
      tile.nonzero_blocks(row, padded / 4, blocks);
      tile.block_dots(blocks, panel.data(), length_, dots.data());
      std::int32_t norm = 0;
      for (std::size_t p = 0; p < length_; ++p) {
        const auto value = static_cast<std::int16_t>(std::lrint((dots[p] - offsets[p]) * per_shift));
        values_[i * length_ + p] = value;
        norm += value * value;
      }
      norms_[i] = norm;
    }
  });
}

std::int32_t Sketch::limit(double squared) const {
  const double distance = scale_ * std::sqrt(squared) * (1 + 1e-9) + loss_;
  return static_cast<std::int32_t>(std::min(distance * distance + 1, 1.9e9));
}

void Sketch::to_panel(std::size_t i, std::size_t lane, std::int16_t* panel) const {
  for (std::size_t p = 0; p < length_; ++p)
    panel[(p / 2 * 16 + lane) * 2 + p % 2] = values_[i * length_ + p];
}

}  // namespace inkmeans
