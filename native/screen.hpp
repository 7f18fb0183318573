// Sketches of the centroids, beside the rows' sketches: which centroids may be near a row.
#pragma once

#include <memory>

#include "codebook.hpp"
#include "sketch.hpp"

namespace inkmeans {

template <class T>
class CentroidScreen {
 public:
  static constexpr std::size_t kLength = 32;

  // `farthest` as of Projector.
  CentroidScreen(const Directions& directions, double farthest, std::size_t lanes);

  // Takes over the centroids that have moved since the last call, to be compared with these rows.
  void update(const Codebook<T>& book, const Sketches& rows, int n_threads);

  const Projector<T>& projector() const { return projector_; }
  double scale() const { return projector_.scale(); }
  double loss() const { return loss_; }

  // Squared sketch distances of a row to all lanes; those that pad are far away.
  void all(const Sketches& rows, std::size_t i, float* squared) const;
  // The same of the listed lanes.
  void some(const Sketches& rows, std::size_t i, const std::uint32_t* list, std::size_t n_list,
            float* squared) const;
  // Least of the squared distances, and the lanes that are not above a limit.
  float least(float* squared) const;
  std::size_t within(const float* squared, double limit, std::uint32_t* out) const;
  // Squared sketch distance beyond which a centroid is farther from a row than `distance`.
  double limit(double distance) const {
    const double apart = scale() * distance * (1 + 1e-6) + loss_;
    return apart * apart + 1;
  }
  const float* zeros() const { return zeros_.data(); }

 private:
  static constexpr std::size_t kChunk = 64;
  std::size_t lanes_;
  const Tiles& tile_;
  Projector<T> projector_;
  Sketches centroids_;
  Aligned<std::int16_t> panel_;  // [chunk][pair][lane][2]
  Aligned<std::int32_t> norms_;
  Aligned<float> zeros_, ones_;
  double loss_ = 0;
  bool first_ = true;
};

}  // namespace inkmeans
