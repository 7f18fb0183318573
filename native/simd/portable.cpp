// The tiles in plain C++: the definition of what every other file must compute.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "simd/tile.hpp"

namespace inkmeans {
namespace {

std::size_t nonzero_blocks(const std::uint8_t* row, std::size_t n_blocks, Blocks& out) {
  std::size_t count = 0;
  for (std::size_t block = 0; block < n_blocks; ++block) {
    std::uint32_t value;
    std::memcpy(&value, row + 4 * block, 4);
    out.values[count] = value;
    out.index[count] = static_cast<std::uint32_t>(block);
    count += value != 0;
  }
  return out.count = count;
}

void block_dots(const Blocks& blocks, const std::int8_t* panel, std::size_t lanes, float* dots) {
  std::int32_t sums[64] = {};
  for (std::size_t i = 0; i < blocks.count; ++i) {
    std::uint8_t x[4];
    std::memcpy(x, &blocks.values[i], 4);
    const std::int8_t* weights = panel + blocks.index[i] * lanes * 4;
    for (std::size_t j = 0; j < lanes; ++j)
      sums[j] += x[0] * weights[4 * j] + x[1] * weights[4 * j + 1] + x[2] * weights[4 * j + 2] +
                 x[3] * weights[4 * j + 3];
  }
  for (std::size_t j = 0; j < lanes; ++j) dots[j] = static_cast<float>(sums[j]);
}

void pair_dots_u8(const std::uint8_t* row, const std::int16_t* const* weights, std::size_t n,
                  std::size_t length, std::int32_t* dots) {
  for (std::size_t j = 0; j < n; ++j) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) sum += row[i] * weights[j][i];
    dots[j] = sum;
  }
}

std::uint32_t dot_u8_u8(const std::uint8_t* a, const std::uint8_t* b, std::size_t length) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) sum += static_cast<std::uint32_t>(a[i] * b[i]);
  return sum;
}

void within_s16(const std::int16_t* rows, const std::int32_t* row_terms, std::size_t n_rows,
                const std::int16_t* panel, const std::int32_t* lane_terms, std::size_t lanes,
                std::size_t pairs, std::uint16_t* masks) {
  for (std::size_t r = 0; r < n_rows; ++r) {
    const std::int16_t* row = rows + r * 2 * pairs;
    std::int32_t dots[16] = {};
    for (std::size_t pair = 0; pair < pairs; ++pair)
      for (std::size_t j = 0; j < lanes; ++j)
        dots[j] += row[2 * pair] * panel[(pair * lanes + j) * 2] +
                   row[2 * pair + 1] * panel[(pair * lanes + j) * 2 + 1];
    unsigned mask = 0;
    for (unsigned j = 0; j < lanes; ++j)
      mask |= static_cast<unsigned>(row_terms[r] + lane_terms[j] - 2 * dots[j] < 0) << j;
    masks[r] = static_cast<std::uint16_t>(mask);
  }
}

float group_apart_s16(const std::int16_t* query, std::int32_t query_norm, const std::int16_t* panel,
                      const std::int32_t* norms, std::size_t pairs, float* squared) {
  std::int32_t dots[16] = {};
  for (std::size_t pair = 0; pair < pairs; ++pair)
    for (std::size_t j = 0; j < 16; ++j)
      dots[j] += query[2 * pair] * panel[(pair * 16 + j) * 2] +
                 query[2 * pair + 1] * panel[(pair * 16 + j) * 2 + 1];
  float least = INFINITY;
  for (std::size_t j = 0; j < 16; ++j) {
    squared[j] = static_cast<float>(query_norm + norms[j] - 2 * dots[j]);
    least = std::min(least, squared[j]);
  }
  return least;
}

std::int32_t dot_s16(const std::int16_t* a, const std::int16_t* b, std::size_t length) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) sum += a[i] * b[i];
  return sum;
}

void dots_f32(const float* const* rows, std::size_t n_rows, const float* panel, std::size_t length,
              std::size_t lanes, float* dots) {
  std::fill(dots, dots + n_rows * lanes, 0.0F);
  for (std::size_t i = 0; i < length; ++i)
    for (std::size_t r = 0; r < n_rows; ++r) {
      const float x = rows[r][i];
      for (std::size_t j = 0; j < lanes; ++j) dots[r * lanes + j] += x * panel[i * lanes + j];
    }
}

void pair_dots_f32(const float* row, const float* const* weights, std::size_t n, std::size_t length,
                   float* dots) {
  for (std::size_t j = 0; j < n; ++j) {
    float sums[16] = {};
    for (std::size_t i = 0; i < length; i += 16)
      for (std::size_t lane = 0; lane < 16; ++lane) sums[lane] += row[i + lane] * weights[j][i + lane];
    dots[j] = 0.0F;
    for (float part : sums) dots[j] += part;
  }
}

float least_upper(float* values, const float* offset, const float* scale, const float* error,
                  float radius, std::size_t lanes) {
  float least = INFINITY;
  for (std::size_t j = 0; j < lanes; ++j) {
    values[j] = offset[j] + scale[j] * values[j];
    least = std::min(least, values[j] + radius * error[j]);
  }
  return least;
}

std::size_t candidates(const float* values, const float* error, float radius, float limit,
                       std::size_t lanes, std::uint32_t* out) {
  std::size_t count = 0;
  for (std::size_t j = 0; j < lanes; ++j)
    if (values[j] - radius * error[j] <= limit) out[count++] = static_cast<std::uint32_t>(j);
  return count;
}

std::size_t survivors(const std::uint8_t* bounds, const std::uint8_t* drift, std::uint8_t threshold,
                      std::size_t length, std::uint32_t* out) {
  std::size_t count = 0;
  for (std::size_t j = 0; j < length; ++j)
    if (bounds[j] < drift[j] + threshold) out[count++] = static_cast<std::uint32_t>(j);
  return count;
}

void lower(std::uint8_t* bounds, const std::uint8_t* by, std::size_t length) {
  for (std::size_t j = 0; j < length; ++j)
    bounds[j] = static_cast<std::uint8_t>(bounds[j] - std::min(bounds[j], by[j]));
}

constexpr Tiles table = {Level::portable, 127,        64,            nonzero_blocks, block_dots,
                         pair_dots_u8,    dot_u8_u8,  within_s16, group_apart_s16,    dot_s16,        dots_f32,
                         pair_dots_f32,   least_upper, candidates,   survivors,
                         lower};

}  // namespace

const Tiles* portable_tiles() { return &table; }

}  // namespace inkmeans
