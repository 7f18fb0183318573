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

Sketch::Sketch(Matrix<std::uint8_t> rows, const Projection& projection, std::size_t coarse_length,
               int n_threads)
    : tile_(tiles()),
      length_(projection.weights.n_rows),
      coarse_length_(coarse_length),
      coarse_(rows.n_rows * coarse_length_),
      fine_(rows.n_rows * (length_ - coarse_length_)),
      coarse_norms_(rows.n_rows),
      norms_(rows.n_rows) {
  const std::size_t d = rows.n_columns, padded = round_up(d, kRowMultiple);
  Aligned<std::int8_t> panel(padded * length_, 0);  // chunk by chunk, as block_dots reads it
  std::vector<float> offsets(length_, 0.0F);
  double farthest = 0;  // of any uint8 row from the center
  for (std::size_t l = 0; l < d; ++l) {
    const double reach = std::max(projection.center[l], 255 - projection.center[l]);
    farthest += reach * reach;
  }
  double shift = 1;
  while (projection.sigma * std::sqrt(farthest) / shift + std::sqrt(static_cast<double>(length_)) > kLongest) shift *= 2;
  scale_ = projection.sigma / shift;
  for (std::size_t p = 0; p < length_; ++p) {
    const std::size_t chunk = p / tile_.chunk_lanes * tile_.chunk_lanes;
    const std::size_t width = std::min(tile_.chunk_lanes, length_ - chunk);
    double offset = 0;
    for (std::size_t l = 0; l < d; ++l) {
      const std::int8_t weight = projection.weights.row(p)[l];
      panel[chunk * padded + (l / 4 * width + p - chunk) * 4 + l % 4] = weight;
      offset += weight * projection.center[l];
    }
    offsets[p] = static_cast<float>(std::nearbyint(offset));
  }
  const auto per_shift = static_cast<float>(1 / shift);
  for_blocks(rows.n_rows, kRowBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<std::uint8_t> copy(padded, 0);
    std::vector<std::uint32_t> values(padded / 4 + 16), index(padded / 4 + 16);
    Aligned<float> dots(length_);
    Blocks blocks{values.data(), index.data(), 0};
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint8_t* row = rows.row(i);
      if (padded != d) {
        std::memcpy(copy.data(), row, d);
        row = copy.data();
      }
      tile_.nonzero_blocks(row, padded / 4, blocks);
      for (std::size_t chunk = 0; chunk < length_; chunk += tile_.chunk_lanes)
        tile_.block_dots(blocks, panel.data() + chunk * padded,
                         std::min(tile_.chunk_lanes, length_ - chunk), dots.data() + chunk);
      std::int32_t norm = 0;
      for (std::size_t p = 0; p < length_; ++p) {
        const auto value = static_cast<std::int16_t>(std::lrint((dots[p] - offsets[p]) * per_shift));
        if (p < coarse_length_)
          coarse_[i * coarse_length_ + p] = value;
        else
          fine_[i * (length_ - coarse_length_) + p - coarse_length_] = value;
        norm += value * value;
        if (p + 1 == coarse_length_) coarse_norms_[i] = norm;
      }
      norms_[i] = norm;
    }
  });
}

std::int32_t Sketch::coarse_limit(double squared) const {
  const double distance = scale_ * std::sqrt(squared) * (1 + 1e-9) + std::sqrt(static_cast<double>(coarse_length_));
  return static_cast<std::int32_t>(std::min(distance * distance + 1, 1.9e9));
}

void Sketch::to_panel(std::size_t i, std::size_t lane, std::size_t lanes, std::int16_t* panel) const {
  for (std::size_t p = 0; p < coarse_length_; ++p)
    panel[(p / 2 * lanes + lane) * 2 + p % 2] = coarse(i)[p];
}

bool Sketch::rules_out(std::size_t i, const Sketch& other, std::size_t j, double squared) const {
  const std::size_t fine_length = length_ - coarse_length_;
  const std::int64_t dot = std::int64_t{tile_.dot_s16(coarse(i), other.coarse(j), coarse_length_)} +
                           tile_.dot_s16(fine_.data() + i * fine_length,
                                         other.fine_.data() + j * fine_length, fine_length);
  const auto apart = static_cast<double>(std::int64_t{norms_[i]} + other.norms_[j] - 2 * dot);
  const double distance = scale_ * std::sqrt(squared) * (1 + 1e-9) + std::sqrt(static_cast<double>(length_));
  return apart > distance * distance;
}

}  // namespace inkmeans
