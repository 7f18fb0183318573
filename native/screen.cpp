#include "screen.hpp"

#include <algorithm>
#include <limits>

#include "threads.hpp"

namespace inkmeans {

template <class T>
CentroidScreen<T>::CentroidScreen(const Directions& directions, double farthest, std::size_t lanes)
    : lanes_(lanes),
      tile_(tiles()),
      projector_(directions, kLength, farthest),
      centroids_(lanes, kLength),
      panel_(lanes * kLength, 0),
      norms_(lanes, std::numeric_limits<std::int32_t>::max() / 2),
      zeros_(lanes, 0.0F),
      ones_(lanes, 1.0F) {}

template <class T>
void CentroidScreen<T>::update(const Codebook<T>& book, const Sketches& rows, int n_threads) {
  for_blocks(lanes_, 16, n_threads, [&](std::size_t begin, std::size_t end, int) {
    auto scratch = projector_.scratch();
    for (std::size_t lane = begin; lane < end; ++lane) {
      if (book.order()[lane] < 0 || (!first_ && book.shifts()[lane] == 0)) continue;
      projector_.sketch_centroid(book.centroid(lane), book.pair_weights(lane), book.pair_step(lane), lane,
                                 centroids_, scratch);
      const std::size_t chunk = lane / kChunk * kChunk;
      centroids_.to_panel(lane, lane - chunk, std::min(kChunk, lanes_ - chunk), panel_.data() + chunk * kLength);
      norms_[lane] = centroids_.norms()[lane];
    }
  });
  first_ = false;
  loss_ = projector_.loss(rows, centroids_);
}

template <class T>
void CentroidScreen<T>::all(const Sketches& rows, std::size_t i, float* squared) const {
  for (std::size_t chunk = 0; chunk < lanes_; chunk += kChunk)
    tile_.apart_s16(rows.row(i), rows.norms()[i], panel_.data() + chunk * kLength, norms_.data() + chunk,
                    std::min(kChunk, lanes_ - chunk), kLength / 2, squared + chunk);
}

template <class T>
void CentroidScreen<T>::some(const Sketches& rows, std::size_t i, const std::uint32_t* list,
                             std::size_t n_list, float* squared) const {
  tile_.apart_of_s16(rows.row(i), rows.norms()[i], centroids_.row(0), norms_.data(), list, n_list, kLength,
                     squared);
}

template <class T>
float CentroidScreen<T>::least(float* squared) const {
  return tile_.least_upper(squared, zeros_.data(), ones_.data(), zeros_.data(), 0.0F, lanes_);
}

template <class T>
std::size_t CentroidScreen<T>::within(const float* squared, double limit, std::uint32_t* out) const {
  return tile_.candidates(squared, zeros_.data(), 0.0F, static_cast<float>(limit), lanes_, out);
}

template class CentroidScreen<std::uint8_t>;
template class CentroidScreen<float>;
template class CentroidScreen<double>;

}  // namespace inkmeans
