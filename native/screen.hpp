// Sketches of the centroids, in groups of 16 similar ones: which of them may be near a row.
#pragma once

#include <algorithm>
#include <limits>

#include "codebook.hpp"
#include "sketch.hpp"

namespace inkmeans {

template <class T>
class CentroidScreen {
 public:
  static constexpr std::size_t kGroup = kLaneMultiple;  // lanes of a group

  // `rows` are the sketches that centroids will be compared with; distances are in the codebook's unit.
  CentroidScreen(const Projector<T>& projector, const Sketches& rows, std::size_t lanes, double unit);

  std::size_t n_groups() const { return lanes_ / kGroup; }

  // Takes over the centroids that have moved since the last call.
  void update(const Codebook<T>& book, int n_threads);

  // Squared sketch distances of a row to the lanes of a group; returns the least. Lanes that pad are
  // far away.
  float group(std::size_t i, std::size_t group, float* squared) const {
    return tile_.group_apart_s16(rows_.row(i), rows_.norms()[i],
                                 panel_.data() + group * kGroup * rows_.length(),
                                 norms_.data() + group * kGroup, rows_.length() / 2, squared);
  }

  // Squared sketch distance beyond which a centroid is farther from a row than `distance`.
  float limit(float distance) const {
    const float apart = scale_ * distance + loss_;
    return apart * apart * (1 + 1e-5F) + 1;
  }
  // Squared sketch distance that says no more than that a centroid is at this distance or beyond.
  float squared_of(float distance) const {
    const float apart = distance / per_scale_ + loss_;
    // Not infinity, which would be taken for a distance: the largest float still says too little.
    return std::min(apart * apart, std::numeric_limits<float>::max());
  }
  // What a squared sketch distance says of the distance: it is not less than this.
  float lower(float squared) const {
    return squared > 0 ? (std::sqrt(squared) - loss_) * per_scale_ : 0.0F;
  }

 private:
  const Tiles& tile_;
  const Projector<T>& projector_;
  const Sketches& rows_;
  std::size_t lanes_;
  Sketches centroids_;
  Aligned<std::int16_t> panel_;  // [group][pair][lane][2]
  Aligned<std::int32_t> norms_;
  float scale_, per_scale_, loss_ = 0;  // rounded so that the bounds hold
  bool first_ = true;
};

}  // namespace inkmeans
