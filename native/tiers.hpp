// Sketches in two tiers: a coarse one, which a tile reads, and the coordinates that follow, which one
// row at a time reads for what the coarse one leaves.
#pragma once

#include <algorithm>

#include "sketch.hpp"

namespace inkmeans {

template <class T>
class TieredSketches {
 public:
  // The coarse tier takes `coarse_length` of the projector's elements, the fine one the others.
  TieredSketches(Matrix<T> rows, const Projector<T>& projector, std::size_t coarse_length, int n_threads)
      : tile_(tiles()),
        projector_(projector),
        coarse_(rows.n_rows, coarse_length),
        fine_(rows.n_rows, projector.length() - coarse_length, coarse_length - 1) {
    Sketches* const sets[] = {&coarse_, &fine_};
    sketch_rows(rows, projector, n_threads, sets, 2);
  }

  const Sketches& coarse() const { return coarse_; }

  // Squared distances of coarse sketches, and of whole ones, beyond which a row of the other set is
  // farther from one of these than `distance`.
  std::int32_t coarse_limit(double distance, const TieredSketches& other) const {
    return limit(distance, coarse_.length(), coarse_.rest_error() + other.coarse_.rest_error());
  }
  std::int32_t whole_limit(double distance, const TieredSketches& other) const {
    return limit(distance, projector_.length(), fine_.rest_error() + other.fine_.rest_error());
  }

  // ||z||^2 of a whole sketch: both tiers, without the rest of the coarse one.
  std::int32_t norm(std::size_t i) const { return coarse_.norms()[i] - rest(i) * rest(i) + fine_.norms()[i]; }
  void prefetch_fine(std::size_t i) const { prefetch(fine_.row(i), fine_.length()); }
  std::int32_t dot(std::size_t i, const TieredSketches& other, std::size_t j) const {
    return tile_.dot_s16(coarse_.row(i), other.coarse_.row(j), coarse_.length()) - rest(i) * other.rest(j) +
           tile_.dot_s16(fine_.row(i), other.fine_.row(j), fine_.length());
  }

 private:
  std::int32_t rest(std::size_t i) const { return coarse_.row(i)[coarse_.length() - 1]; }
  std::int32_t limit(double distance, std::size_t length, double rest_errors) const {
    const double found = projector_.limit(distance, length, rest_errors);
    return found < 1.6e9 ? static_cast<std::int32_t>(found) : 1600000000;  // nothing is farther apart
  }

  const Tiles& tile_;
  const Projector<T>& projector_;
  Sketches coarse_, fine_;
};

}  // namespace inkmeans
