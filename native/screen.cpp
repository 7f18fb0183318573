#include "screen.hpp"

#include <limits>

#include "threads.hpp"

namespace inkmeans {

template <class T>
CentroidScreen<T>::CentroidScreen(const Projector<T>& projector, const Sketches& rows, std::size_t lanes,
                                  double unit)
    : tile_(tiles()),
      projector_(projector),
      rows_(rows),
      lanes_(lanes),
      centroids_(lanes, rows.length()),
      panel_(lanes * rows.length(), 0),
      norms_(lanes, std::numeric_limits<std::int32_t>::max() / 2),
      scale_(static_cast<float>(projector.scale() / unit * (1 + 1e-6))),
      per_scale_(static_cast<float>(unit / projector.scale() * (1 - 1e-6))) {}

template <class T>
void CentroidScreen<T>::update(const Codebook<T>& book, int n_threads) {
  for_blocks(lanes_, kGroup, n_threads, [&](std::size_t begin, std::size_t end, int) {
    auto scratch = projector_.scratch();
    for (std::size_t lane = begin; lane < end; ++lane) {
      if (book.order()[lane] < 0 || (!first_ && book.shifts()[lane] == 0)) continue;
      projector_.sketch_centroid(book.centroid(lane), book.pair_weights(lane), book.pair_step(lane), lane,
                                 centroids_, scratch);
      centroids_.to_panel(lane, lane - begin, kGroup, panel_.data() + begin * rows_.length());
      norms_[lane] = centroids_.norms()[lane];
    }
  });
  first_ = false;
  loss_ = static_cast<float>(projector_.loss(rows_.length(), rows_.rest_error() + centroids_.rest_error()) * (1 + 1e-6));
}

template class CentroidScreen<std::uint8_t>;
template class CentroidScreen<float>;
template class CentroidScreen<double>;

}  // namespace inkmeans
