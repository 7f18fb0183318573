// The inner tiles: all that an instruction set has to supply. The drivers share the rest.
//
// Lengths and alignment. `lanes` and the lengths of rows are multiples of 16 (shorter rows are padded
// with zeros); nothing need be aligned. Outputs never overlap inputs. No tile reads or writes past the
// lengths it is given.
//
// Integer range. block_dots sums u8 x s8: |sum| <= 255 * 127 * d, which is below 2^31 for
// d <= 66,000; dot_u8_u8 sums u8 x u8: at most 255 * 255 * d, below 2^32 for as many; the drivers
// refuse more columns. avx2 adds pairs of products in int16, so it asks for
// |weight| <= 64 (2 * 255 * 64 = 32,640 <= 32,767). pair_dots_u8 is only given weights
// whose worst sum fits int32 (see Codebook), within_s16 vectors that are short enough (see Sketch).
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/level.hpp"

namespace inkmeans {

constexpr std::size_t kLaneMultiple = 16;
constexpr std::size_t kRowMultiple = 16;
constexpr std::size_t kMostByteColumns = 66000;

// A row as the list of its 4-byte blocks that are not all zero.
struct Blocks {
  std::uint32_t* values;  // the four bytes
  std::uint32_t* index;   // which block of the row
  std::size_t count;
};

struct Tiles {
  Level level;

  // Largest |s8 weight| for which block_dots is exact.
  int max_weight;

  // Most lanes that block_dots keeps in registers; panels are cut into chunks of so many.
  std::size_t chunk_lanes;

  // Lists the blocks of a row that are not zero; returns how many there are. The lists have room for
  // 16 more than the row has blocks.
  std::size_t (*nonzero_blocks)(const std::uint8_t* row, std::size_t n_blocks, Blocks& out);

  // dots[j] = float(sum over blocks of value . panel[block][j]) for up to chunk_lanes lanes; panel is
  // [block][lane][4] s8.
  void (*block_dots)(const Blocks& blocks, const std::int8_t* panel, std::size_t lanes, float* dots);

  // dots[j] = sum of row[i] * weights[j][i], for 1 to 4 vectors of weights.
  void (*pair_dots_u8)(const std::uint8_t* row, const std::int16_t* const* weights, std::size_t n,
                       std::size_t length, std::int32_t* dots);

  // Sum of a[i] * b[i].
  std::uint32_t (*dot_u8_u8)(const std::uint8_t* a, const std::uint8_t* b, std::size_t length);

  // Bit j of masks[r] is set where row_terms[r] + lane_terms[j] - 2 rows[r].panel[j] < 0, for 8 or 16
  // lanes; panel is [pair of columns][lane][2], rows have 2 * pairs columns, pairs is even.
  void (*within_s16)(const std::int16_t* rows, const std::int32_t* row_terms, std::size_t n_rows,
                     const std::int16_t* panel, const std::int32_t* lane_terms, std::size_t lanes,
                     std::size_t pairs, std::uint16_t* masks);

  // squared[j] = query_norm + norms[j] - 2 query.panel[j] for the 16 lanes of a panel [pair][lane][2],
  // pairs even; returns the least of them.
  float (*group_apart_s16)(const std::int16_t* query, std::int32_t query_norm, const std::int16_t* panel,
                           const std::int32_t* norms, std::size_t pairs, float* squared);

  // Sum of a[i] * b[i].
  std::int32_t (*dot_s16)(const std::int16_t* a, const std::int16_t* b, std::size_t length);

  // dots[r][j] = sum over i of rows[r][i] * panel[i][j], for 1 to 4 rows; dots is [row][lane].
  void (*dots_f32)(const float* const* rows, std::size_t n_rows, const float* panel,
                   std::size_t length, std::size_t lanes, float* dots);

  // dots[j] = sum of row[i] * weights[j][i], for 1 to 4 vectors of weights.
  void (*pair_dots_f32)(const float* row, const float* const* weights, std::size_t n,
                        std::size_t length, float* dots);

  // values[j] = offset[j] + scale[j] * values[j]; returns the least values[j] + radius * error[j].
  float (*least_upper)(float* values, const float* offset, const float* scale, const float* error,
                       float radius, std::size_t lanes);

  // Lists the lanes with values[j] - radius * error[j] <= limit; returns how many.
  std::size_t (*candidates)(const float* values, const float* error, float radius, float limit,
                            std::size_t lanes, std::uint32_t* out);

  // Lists the columns whose bound, less its drift, is 0 or below `threshold`; length is a multiple of 32.
  std::size_t (*survivors)(const std::uint8_t* bounds, const std::uint8_t* drift,
                           std::uint8_t threshold, std::size_t length, std::uint32_t* out);

  // bounds[j] = max(0, bounds[j] - by[j]); length is a multiple of 32.
  void (*lower)(std::uint8_t* bounds, const std::uint8_t* by, std::size_t length);
};

const Tiles& tiles_for(Level level);
inline const Tiles& tiles() { return tiles_for(current_level()); }

// One an instruction set; null where the build does not have it.
const Tiles* portable_tiles();
const Tiles* neon_tiles();
const Tiles* avx2_tiles();
const Tiles* avxvnni_tiles();
const Tiles* avx512vnni_tiles();

}  // namespace inkmeans
