// Every tile against the portable one: integers have to be equal, floats as near as rounding allows.
#include <algorithm>
#include <cmath>

#include "checks/check.hpp"
#include "simd/tile.hpp"

namespace inkmeans {
namespace {

std::vector<float> random_floats(std::size_t n) {
  std::vector<float> values(n);
  for (float& value : values) value = std::uniform_real_distribution<float>(-1, 1)(generator);
  return values;
}

// Rows of zeros, of 255, of a few values, and of any.
std::vector<std::uint8_t> random_bytes(std::size_t n) {
  const std::size_t kind = uniform(0, 3);
  std::vector<std::uint8_t> values(n, kind == 1 ? 255 : 0);
  if (kind >= 2)
    for (auto& value : values)
      if (kind == 3 || uniform(0, 9) == 0) value = static_cast<std::uint8_t>(uniform(0, 255));
  return values;
}

bool close(const std::vector<float>& a, const std::vector<float>& b, std::size_t terms) {
  const double allowed = 4e-7 * static_cast<double>(terms + 8);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(static_cast<double>(a[i]) - b[i]) <= allowed)) return false;
  return true;
}

void check_block_tiles(const Tiles& tile, const Tiles& plain, int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t length = 16 * uniform(1, 12), n_blocks = length / 4;
    const std::size_t lanes = 16 * uniform(1, std::min(tile.chunk_lanes, plain.chunk_lanes) / 16);
    const auto row = random_bytes(length);
    const auto panel = random_values<std::int8_t>(length * lanes, -tile.max_weight, tile.max_weight + 1);
    std::vector<std::uint32_t> values[2], index[2];
    std::vector<float> dots[2];
    std::size_t count[2];
    for (int which = 0; which < 2; ++which) {
      const Tiles& used = which == 0 ? tile : plain;
      values[which].resize(n_blocks + 16);
      index[which].resize(n_blocks + 16);
      dots[which].resize(lanes);
      Blocks blocks{values[which].data(), index[which].data(), 0};
      count[which] = used.nonzero_blocks(row.data(), n_blocks, blocks);
      check.expect(count[which] == blocks.count, "nonzero_blocks returns its count");
      used.block_dots(blocks, panel.data(), lanes, dots[which].data());
      values[which].resize(count[which]);
      index[which].resize(count[which]);
    }
    check.expect(values[0] == values[1] && index[0] == index[1], "nonzero_blocks");
    check.expect(dots[0] == dots[1], "block_dots");
  }
}

void check_integer_tiles(const Tiles& tile, const Tiles& plain, int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t length = 16 * uniform(1, 20), n = uniform(1, 4);
    const auto row = random_bytes(length), other = random_bytes(length);
    check.expect(tile.dot_u8_u8(row.data(), other.data(), length) == plain.dot_u8_u8(row.data(), other.data(), length),
                 "dot_u8_u8");
    const auto weights = random_values<std::int16_t>(n * length, -26000, 26000);
    const std::int16_t* pointers[4];
    for (std::size_t j = 0; j < n; ++j) pointers[j] = weights.data() + j * length;
    std::vector<std::int32_t> dots(n), plain_dots(n);
    tile.pair_dots_u8(row.data(), pointers, n, length, dots.data());
    plain.pair_dots_u8(row.data(), pointers, n, length, plain_dots.data());
    check.expect(dots == plain_dots, "pair_dots_u8");
    // Sketches: vectors of a length up to 20,000.
    const double most = 20000 / std::sqrt(static_cast<double>(length));
    const auto a = random_values<std::int16_t>(length, -most, most), b = random_values<std::int16_t>(length, -most, most);
    check.expect(tile.dot_s16(a.data(), b.data(), length) == plain.dot_s16(a.data(), b.data(), length), "dot_s16");
    const std::size_t lanes = uniform(0, 1) == 0 ? 8 : 16, n_rows = uniform(1, 9), pairs = 2 * uniform(1, 20);
    const double reach = 20000 / std::sqrt(2.0 * static_cast<double>(pairs));
    const auto rows = random_values<std::int16_t>(n_rows * 2 * pairs, -reach, reach);
    const auto panel = random_values<std::int16_t>(2 * pairs * 16, -reach, reach);
    const auto row_terms = random_values<std::int32_t>(n_rows, -4e8, 4e8), lane_terms = random_values<std::int32_t>(16, -4e8, 4e8);
    std::vector<std::uint16_t> masks(n_rows), plain_masks(n_rows);
    tile.within_s16(rows.data(), row_terms.data(), n_rows, panel.data(), lane_terms.data(), lanes, pairs, masks.data());
    plain.within_s16(rows.data(), row_terms.data(), n_rows, panel.data(), lane_terms.data(), lanes, pairs, plain_masks.data());
    check.expect(masks == plain_masks, "within_s16");
    std::vector<float> apart(16), plain_apart(16);
    const float least = tile.group_apart_s16(rows.data(), row_terms[0], panel.data(), lane_terms.data(), pairs, apart.data());
    const float plain_least =
        plain.group_apart_s16(rows.data(), row_terms[0], panel.data(), lane_terms.data(), pairs, plain_apart.data());
    check.expect(apart == plain_apart && least == plain_least, "group_apart_s16");
  }
}

void check_float_tiles(const Tiles& tile, const Tiles& plain, int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t length = 16 * uniform(1, 12), lanes = 16 * uniform(1, 10), n = uniform(1, 4);
    const std::size_t columns = length - uniform(0, 15);
    const auto rows = random_floats(4 * length), panel = random_floats(length * lanes), weights = random_floats(4 * length);
    const float* row_pointers[4];
    const float* weight_pointers[4];
    for (std::size_t r = 0; r < 4; ++r) {
      row_pointers[r] = rows.data() + r * length;
      weight_pointers[r] = weights.data() + r * length;
    }
    std::vector<float> dots(n * lanes), plain_dots(n * lanes), pairs(n), plain_pairs(n);
    tile.dots_f32(row_pointers, n, panel.data(), columns, lanes, dots.data());
    plain.dots_f32(row_pointers, n, panel.data(), columns, lanes, plain_dots.data());
    check.expect(close(dots, plain_dots, length), "dots_f32");
    tile.pair_dots_f32(row_pointers[0], weight_pointers, n, length, pairs.data());
    plain.pair_dots_f32(row_pointers[0], weight_pointers, n, length, plain_pairs.data());
    check.expect(close(pairs, plain_pairs, length), "pair_dots_f32");
    // Small whole numbers: nothing rounds, so the lists have to be equal.
    auto values = random_values<float>(lanes, -50, 50), plain_values = values;
    const auto offset = random_values<float>(lanes, -50, 50), scale = random_values<float>(lanes, -3, 3);
    const auto error = random_values<float>(lanes, 0, 5);
    const auto radius = static_cast<float>(uniform(0, 4)), limit = static_cast<float>(uniform(0, 200)) - 100;
    const float least = tile.least_upper(values.data(), offset.data(), scale.data(), error.data(), radius, lanes);
    const float plain_least =
        plain.least_upper(plain_values.data(), offset.data(), scale.data(), error.data(), radius, lanes);
    check.expect(least == plain_least && values == plain_values, "least_upper");
    std::vector<std::uint32_t> list(lanes), plain_list(lanes);
    list.resize(tile.candidates(values.data(), error.data(), radius, limit, lanes, list.data()));
    plain_list.resize(plain.candidates(values.data(), error.data(), radius, limit, lanes, plain_list.data()));
    check.expect(list == plain_list, "candidates");
  }
}

void check_bound_tiles(const Tiles& tile, const Tiles& plain, int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t length = 32 * uniform(1, 8);
    auto bounds = random_values<std::uint8_t>(length, 0, 256), plain_bounds = bounds;
    const auto drift = random_values<std::uint8_t>(length, 0, uniform(0, 1) == 0 ? 8 : 256);
    const auto threshold = static_cast<std::uint8_t>(uniform(1, 255));
    std::vector<std::uint32_t> list(length), plain_list(length);
    list.resize(tile.survivors(bounds.data(), drift.data(), threshold, length, list.data()));
    plain_list.resize(plain.survivors(bounds.data(), drift.data(), threshold, length, plain_list.data()));
    check.expect(list == plain_list, "survivors");
    tile.lower(bounds.data(), drift.data(), length);
    plain.lower(plain_bounds.data(), drift.data(), length);
    check.expect(bounds == plain_bounds, "lower");
  }
}

}  // namespace

void check_tiles(const std::string& level, int n_cases) {
  const Tiles &tile = tiles(), &plain = *portable_tiles();
  { Check check(level + " tiles of blocks"); check_block_tiles(tile, plain, n_cases, check); }
  { Check check(level + " tiles of integers"); check_integer_tiles(tile, plain, n_cases, check); }
  { Check check(level + " tiles of floats"); check_float_tiles(tile, plain, n_cases, check); }
  { Check check(level + " tiles of bounds"); check_bound_tiles(tile, plain, n_cases, check); }
}

}  // namespace inkmeans
