// The centroids in the forms that the tiles read, with certified bounds of what rounding lost.
//
// uint8 rows. With a centre m (any fixed vector), c - m = q / s + e, where q is int8, and
//   ||x - c||^2 = ||x - m||^2 + (||c||^2 - ||m||^2 - 2 m.e) - (2 / s) x.q - 2 (x - m).e
// The tile computes x.q exactly; the last term is at most 2 ||x - m|| ||e|| (Cauchy-Schwarz).
// A single pair uses int16 weights of c itself, whose error is some 250 times smaller.
//
// float rows. Rows and centroids have m subtracted in float64, are multiplied by a power of two that
// brings them near 1, and are rounded to float32 once. A dot product of n terms is then off by at most
// (n + 8) 2^-24 ||x - m|| ||c - m|| (Higham 2002, 3.1). A row so far out that float32 overflows has no
// candidates at all and is compared with every centroid in float64.
//
// Whatever these bounds cannot decide is computed in float64: see `exact`.
#pragma once

#include <cmath>
#include <type_traits>
#include <vector>

#include "memory.hpp"
#include "simd/tile.hpp"

namespace inkmeans {

struct RowNorms {
  float from_origin;  // ||x||^2; of float rows, that of the centred row
  float from_center;  // ||x - m||^2
};

// value - half <= squared distance <= value + half
struct Interval {
  double value;
  double half;
};

// In float64, in an order that is the same on every instruction set.
template <class T, class U>
double squared_distance(const T* row, const U* other, std::size_t d) {
  double sums[8] = {};
  std::size_t l = 0;
  for (; l + 8 <= d; l += 8)
    for (std::size_t v = 0; v < 8; ++v) {
      const double difference = static_cast<double>(row[l + v]) - static_cast<double>(other[l + v]);
      sums[v] += difference * difference;
    }
  for (; l < d; ++l) {
    const double difference = static_cast<double>(row[l]) - static_cast<double>(other[l]);
    sums[l % 8] += difference * difference;
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

template <class T>
class Codebook {
 public:
  static constexpr bool is_bytes = std::is_same_v<T, std::uint8_t>;
  using Padded = std::conditional_t<is_bytes, std::uint8_t, float>;
  // Rows that go through the tile together, so that a chunk of the panel stays in the first cache.
  static constexpr std::size_t kBatch = 16;

  // What one worker needs to look at rows.
  struct Scratch {
    Aligned<Padded> padded;      // kBatch rows
    Aligned<std::uint32_t> block_values, block_index;  // of kBatch rows
    Aligned<float> values;       // kBatch x lanes
    Aligned<std::uint32_t> list;   // lanes
    std::vector<Interval> intervals;
  };

  // What the codebook is for: the tile over all lanes, with centroid j in lane j; or single pairs, with
  // similar centroids in neighbouring lanes. Throws std::invalid_argument for more columns than int32
  // sums allow.
  enum class Use { tile, pairs };
  Codebook(std::size_t n_centroids, Use use, const Matrix<T>& rows);

  // Takes new centroids, (k, d) row by row. The first call also decides the order of the lanes.
  // Leaves the distance that each lane moved in `shifts`.
  void update(const double* centroids, int n_threads);

  std::size_t n_centroids() const { return n_centroids_; }
  std::size_t lanes() const { return lanes_; }
  const std::vector<double>& shifts() const { return shifts_; }
  // Centroid of a lane, -1 for a lane that pads.
  const std::vector<std::int32_t>& order() const { return order_; }
  const std::vector<std::uint32_t>& lane_of() const { return lane_of_; }

  Scratch scratch() const;

  // Row `slot` (below kBatch) of the scratch becomes this row, ready for the tiles.
  const Padded* prepare(const T* row, Scratch& scratch, std::size_t slot) const;
  // `square`, if given, becomes ||x||^2 of a uint8 row without rounding.
  RowNorms norms(const Padded* row, double* square = nullptr) const;

  // scratch.values becomes [row][lane] of squared distances less ||x - m||^2, before `finish`.
  void dots(const Padded* const* rows, std::size_t n_rows, Scratch& scratch) const;
  // Turns dots of one row into values; returns the least upper end of the intervals.
  float finish(float* values, RowNorms norms) const;
  // Lists the lanes that may be nearest; returns how many, at least one.
  std::size_t candidates(const float* values, RowNorms norms, float least_upper,
                         std::uint32_t* out) const;
  // The one lane of the list that is nearest; ties go to the lowest centroid.
  std::uint32_t nearest(const T* row, const Padded* padded, RowNorms norms,
                        const std::uint32_t* list, std::size_t n_list, Scratch& scratch) const;
  // The same where the intervals are known.
  std::uint32_t nearest_of(const T* row, const std::uint32_t* list, const Interval* intervals,
                           std::size_t n_list) const;

  // Intervals of the squared distances to the lanes of a list.
  void pairs(const Padded* row, RowNorms norms, const std::uint32_t* list, std::size_t n_list,
             Interval* out) const;
  double exact(const T* row, std::size_t lane) const;

  // Half-width of a tile value is radius(norms) * error()[lane] + slack(norms).
  float radius(RowNorms norms) const { return 2.0F * std::sqrt(norms.from_center) * radius_factor_; }
  const float* error() const { return error_.data(); }
  float slack(RowNorms norms) const;

  // Inertia of clusters with these sums and counts, from the sum of all squared rows.
  double inertia(double sum_of_squares, const std::int64_t* sums, const double* counts) const;

  // A centroid, and its int16 form (padded), which times the step is nearly the centroid; uint8 only.
  const double* centroid(std::size_t lane) const { return centroids_.data() + lane * n_columns_; }
  const std::int16_t* pair_weights(std::size_t lane) const {
    return is_bytes ? pairs_s16_.data() + lane * padded_columns_ : nullptr;
  }
  double pair_step(std::size_t lane) const { return -0.5 * pair_scale_[lane]; }

  const Tiles& tiles() const { return tiles_; }
  // What a distance in the units of the rows is multiplied by to be one of ours.
  double unit() const { return unit_; }

 private:
  void choose_center(const Matrix<T>& rows);
  void arrange(const double* centroids);
  void quantise(std::size_t lane, const double* centroid);
  void quantise_bytes(std::size_t lane, const double* centroid);
  void quantise_pair(std::size_t lane, const double* centroid);
  void quantise_floats(std::size_t lane, const double* centroid);

  const Tiles& tiles_;
  Use use_;
  std::size_t n_centroids_, n_columns_, padded_columns_, lanes_;
  std::vector<double> center_;
  double center_norm_ = 0;            // ||m||^2
  Aligned<std::int16_t> center_s16_;  // m * center_scale_, exact
  double center_scale_ = 1;
  std::vector<std::int32_t> order_;
  std::vector<std::uint32_t> lane_of_;
  std::vector<double> centroids_;  // [lane][column]
  std::vector<double> shifts_;
  Aligned<std::int8_t> panel_s8_;     // [chunk][block][lane of the chunk][4]
  Aligned<std::int16_t> pairs_s16_;   // [lane][column]
  Aligned<float> panel_f32_;          // [column][lane]
  Aligned<float> pairs_f32_;          // [lane][column]
  Aligned<float> offset_, scale_, error_;
  std::vector<double> pair_offset_, pair_scale_, pair_error_;
  double unit_ = 1;  // float rows: what a centred value is multiplied by
  float radius_factor_ = 1;
  float largest_offset_ = 0, largest_norm_ = 0;
  bool arranged_ = false;
};

}  // namespace inkmeans
