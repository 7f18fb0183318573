// Short integer sketches of uint8 rows that bound their distances from below.
//
// A sketch is z = round((W x - W m) / 2^s) for an int8 matrix W (p, d): the products are exact, each
// element is rounded by at most 1/2. With sigma the largest singular value of W,
//   ||z_x - z_y|| <= sigma / 2^s ||x - y|| + sqrt(p),
// so that rows whose sketches are farther apart than that are farther apart than ||x - y||. W spans
// the widest directions of the data, where most of a distance lies: on MNIST 32 of 784 directions
// hold three quarters of it.
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
  Sketch(Matrix<std::uint8_t> rows, const Projection& projection, int n_threads);

  std::size_t n_rows() const { return norms_.size(); }
  std::size_t length() const { return length_; }
  const std::int16_t* row(std::size_t i) const { return values_.data() + i * length_; }
  const std::int32_t* norms() const { return norms_.data(); }  // ||z||^2

  // Rows at a squared distance below `squared` have sketches at a squared distance below this.
  std::int32_t limit(double squared) const;

  // Writes the sketch of row i into lane `lane` of a panel [pair][16][2], as within_s16 reads it.
  void to_panel(std::size_t i, std::size_t lane, std::int16_t* panel) const;

 private:
  std::size_t length_;
  double scale_;  // sigma / 2^s
  double loss_;   // sqrt(p)
  Aligned<std::int16_t> values_;
  std::vector<std::int32_t> norms_;
};

}  // namespace inkmeans
