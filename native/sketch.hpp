// Short integer sketches of vectors that bound their distances from below.
//
// With an orthonormal basis of p directions and a center m, write x - m as its coordinates y (p) and a
// rest of length r. Then ||x - c||^2 >= ||y_x - y_c||^2 + (r_x - r_c)^2: the rests differ in direction,
// which this leaves out, but rarely in length. A sketch is (y, r) times `scale`, rounded to int16;
// each of its L elements is off by at most 1/2, so that
//   ||x - c|| >= (||z_x - z_c|| - loss) / scale,  loss = sqrt(L) + what float32 arithmetic loses.
// The latter is largest in r, a root of a difference: off by e / r, where e is the error of its square.
// The largest of a set is kept with it; rests that are too short for a small one are all made as long.
// The directions are the widest of the data: on MNIST, 31 of 784 leave one centroid in 256 to look at
// besides the nearest.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "memory.hpp"
#include "simd/tile.hpp"

namespace inkmeans {

// Chosen by the caller from a sample of the rows; any directions give right bounds.
struct Directions {
  Matrix<double> basis;  // (p, d), nearly orthonormal, the widest first
  const double* center;  // (d,)
};

// Sketches of a set of vectors.
class Sketches {
 public:
  // Of the coordinates from `first` on; the rest is what these and those before them leave.
  Sketches(std::size_t n, std::size_t length, std::size_t first = 0)
      : length_(length), first_(first), values_(n * length), norms_(n), rest_error_(0) {}

  std::size_t length() const { return length_; }
  const std::int16_t* row(std::size_t i) const { return values_.data() + i * length_; }
  const std::int32_t* norms() const { return norms_.data(); }  // ||z||^2

  // From the scaled coordinates and the squared length of the scaled vector; the
  // sum of the squared coordinates is off by at most `error` times that. A vector that is too long for
  // int16 gets a sketch that is near to all others. The first `complete_at` coordinates tell all of a
  // vector: what these leave is rounding, so sketches that go so far are taken to have rests of one length.
  void set(std::size_t i, const float* coordinates, double squared_length, double error,
           std::size_t complete_at);
  // Largest error of a last element so far.
  double rest_error() const { return rest_error_; }

  // Writes row i into lane `lane` of a panel [pair of elements][lane][2], as the tiles read it.
  void to_panel(std::size_t i, std::size_t lane, std::size_t lanes, std::int16_t* panel) const;

 private:
  std::size_t length_, first_;
  Aligned<std::int16_t> values_;
  std::vector<std::int32_t> norms_;
  std::atomic<double> rest_error_;
};

// Computes coordinates. uint8 rows go through an int8 basis, exactly, and a small float32 matrix that
// makes it orthonormal; float rows through a float32 basis.
template <class T>
class Projector {
 public:
  // `length` is that of the longest sketch, a multiple of 16; `farthest` not less than the distance of
  // any row from the center, or 0 for all that uint8 rows can have.
  Projector(const Directions& directions, std::size_t length, double farthest);

  std::size_t length() const { return length_; }
  double scale() const { return scale_; }
  // Squared distance of sketches of this length beyond which vectors are farther apart than `distance`;
  // the errors of their last elements add up.
  double limit(double distance, std::size_t length, double rest_errors) const {
    const double apart = scale_ * distance * (1 + 1e-6) + loss(length, rest_errors);
    return apart * apart + 1;
  }
  double loss(std::size_t length, double rest_errors) const;

  // What one worker needs.
  struct Scratch {
    Aligned<std::uint8_t> padded;
    Aligned<std::uint32_t> block_values, block_index;
    Aligned<float> rows, products, coordinates;  // 4 rows each
  };
  Scratch scratch() const;

  // Sets the sketches `first` ... `first + n - 1` (n at most 4) of all the given sets.
  void sketch(const T* const* rows, std::size_t n, std::size_t first, Sketches* const* sets,
              std::size_t n_sets, Scratch& scratch) const;
  // The same of a centroid. uint8: `weights` are its int16 form, padded, which times `step` is the
  // centroid but for an error that is a small part of a unit. Otherwise they are not used.
  void sketch_centroid(const double* centroid, const std::int16_t* weights, double step,
                       std::size_t index, Sketches& set, Scratch& scratch) const;

 private:
  static constexpr bool is_bytes = std::is_same_v<T, std::uint8_t>;
  void quantise(const Directions& directions);
  // Rounding error of the sum of squared coordinates, relative to the squared length.
  double relative_error() const;

  const Tiles& tile_;
  std::size_t d_, padded_, length_;
  std::size_t complete_at_ = std::numeric_limits<std::size_t>::max();  // coordinates that tell all; or none do
  std::vector<double> center_;
  double center_norm_ = 0, scale_ = 1;
  Aligned<std::int16_t> center_s16_;  // uint8 rows: center_ * center_unit_
  double center_unit_ = 32;
  Aligned<std::int8_t> panel_s8_;    // uint8 rows: [chunk][block][lane][4]
  Aligned<std::int16_t> basis_s16_;  // the same weights, [lane][column]
  std::vector<float> offsets_;       // W m
  Aligned<float> mix_;               // [product][coordinate], with `scale`
  Aligned<float> panel_f32_;         // float rows: [column][coordinate]
};

// Sketches of all rows, in one or two lengths.
template <class T>
void sketch_rows(Matrix<T> rows, const Projector<T>& projector, int n_threads, Sketches* const* sets,
                 std::size_t n_sets);

}  // namespace inkmeans
