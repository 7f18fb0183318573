// Short integer sketches of uint8 rows that bound their distances from below.
//
// A sketch is z = round((W x - W m) / 2^s) for an int8 matrix W (p, d): the products are exact, each
// element is rounded by at most 1/2. With sigma the largest singular value of W,
//   ||z_x - z_y|| <= sigma / 2^s ||x - y|| + sqrt(p),
// so that rows whose sketches are farther apart than that are farther apart than ||x - y||. W spans
// the widest directions of the data, where most of a distance lies: on MNIST 32 of 784 directions
// hold three quarters of it, 128 nine tenths.
#pragma once

#include <cstdint>
#include <vector>

#include "memory.hpp"
#include "simd/tile.hpp"

namespace inkmeans {

// What sketches are made with: chosen by the caller from a sample of the rows.
struct Projection {
  Matrix<std::int8_t> weights;  // (p, d); |weight| <= 64; p is a multiple of 16
  const double* center;         // (d,)
  double sigma;                 // not less than the largest singular value of the weights
};

class Sketch {
 public:
  // `coarse_length` is a multiple of 16 and less than the number of directions.
  Sketch(Matrix<std::uint8_t> rows, const Projection& projection, std::size_t coarse_length,
         int n_threads);

  // The first part of the sketches, which alone rules most rows out.
  std::size_t coarse_length() const { return coarse_length_; }
  const std::int16_t* coarse(std::size_t i) const { return coarse_.data() + i * coarse_length_; }
  const std::int32_t* coarse_norms() const { return coarse_norms_.data(); }
  // Rows at a squared distance below `squared` have coarse parts at a squared distance below this.
  std::int32_t coarse_limit(double squared) const;
  // Writes the coarse part of row i into a panel [pair][lanes][2], as within_s16 reads it.
  void to_panel(std::size_t i, std::size_t lane, std::size_t lanes, std::int16_t* panel) const;

  // Whether the whole sketches of row i and of row j of another set are too far apart for rows at a
  // squared distance below `squared`.
  bool rules_out(std::size_t i, const Sketch& other, std::size_t j, double squared) const;

 private:
  const Tiles& tile_;
  std::size_t length_, coarse_length_;
  double scale_;  // sigma / 2^s
  Aligned<std::int16_t> coarse_, fine_;
  std::vector<std::int32_t> coarse_norms_, norms_;  // ||z||^2 of the first part and of the whole
};

}  // namespace inkmeans
