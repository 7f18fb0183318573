#include "deformation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kRows = DeformationTiles::kRows;
constexpr std::size_t kMostLanes = DeformationTiles::kMostLanes;
constexpr std::size_t kQueryBlock = 8;
constexpr std::size_t kImageBlock = 64;
constexpr std::uint16_t kFarthest = std::numeric_limits<std::uint16_t>::max();

// Calls visit(place, along y, along x) for each pixel of an image.
template <class Visit>
void for_slopes(const std::uint8_t* image, Size size, Visit&& visit) {
  for (std::size_t y = 0; y < size.height; ++y) {
    const std::uint8_t* above = image + (y == 0 ? 0 : y - 1) * size.width;
    const std::uint8_t* here = image + y * size.width;
    const std::uint8_t* below = image + std::min(y + 1, size.height - 1) * size.width;
    for (std::size_t x = 0; x < size.width; ++x) {
      const std::size_t left = x == 0 ? 0 : x - 1, right = std::min(x + 1, size.width - 1);
      const int down = below[left] + 2 * below[x] + below[right] - above[left] - 2 * above[x] - above[right];
      const int across = above[right] + 2 * here[right] + below[right] - above[left] - 2 * here[left] - below[left];
      visit(y * size.width + x, down, across);
    }
  }
}

constexpr int kSteepest = 4 * 255;

// Adds up a row of pixels for each lane.
void add_row(const DeformationTiles& tile, const std::uint16_t* values, std::size_t columns, std::int64_t* totals) {
  constexpr std::size_t most = 65536;  // of these uint16, sums fit uint32
  for (std::size_t begin = 0; begin < columns; begin += most) {
    std::uint32_t sums[kMostLanes] = {};
    tile.add_up(values + begin * tile.lanes, std::min(most, columns - begin), sums);
    for (std::size_t lane = 0; lane < tile.lanes; ++lane) totals[lane] += sums[lane];
  }
}

}  // namespace

int largest_gradient(std::size_t context) {
  const double fits = std::sqrt(65535.0 / 8) / static_cast<double>(2 * context + 1);
  return static_cast<int>(std::min(63.0, fits));
}

int steepest_slope(const std::uint8_t* images, std::size_t n, Size size, int n_threads) {
  std::vector<int> steepest((n + kImageBlock - 1) / kImageBlock, 0);
  for_blocks(n, kImageBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    int most = 0;
    for (std::size_t i = begin; i < end; ++i)
      for_slopes(images + i * size.height * size.width, size, [&](std::size_t, int down, int across) {
        most = std::max({most, std::abs(down), std::abs(across)});
      });
    steepest[begin / kImageBlock] = most;
  });
  return steepest.empty() ? 0 : *std::max_element(steepest.begin(), steepest.end());
}

void sobel_gradients(const std::uint8_t* images, std::size_t n, Size size, int unit, int limit, int n_threads,
                     std::int8_t* out) {
  std::array<std::int8_t, 2 * kSteepest + 1> rounded;
  for (int slope = 0; slope <= kSteepest; ++slope) {
    const int value = std::min(limit, (2 * slope * limit + unit) / (2 * unit));
    rounded[static_cast<std::size_t>(kSteepest + slope)] = static_cast<std::int8_t>(value);
    rounded[static_cast<std::size_t>(kSteepest - slope)] = static_cast<std::int8_t>(-value);
  }
  const std::size_t area = size.height * size.width;
  for_blocks(n, kImageBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i)
      for_slopes(images + i * area, size, [&](std::size_t at, int down, int across) {
        std::int8_t* pixel = out + (i * area + at) * 2;
        pixel[0] = rounded[static_cast<std::size_t>(kSteepest + down)];
        pixel[1] = rounded[static_cast<std::size_t>(kSteepest + across)];
      });
  });
}

// Images stand in frames: rows and columns of zeros around them, so many that no displacement or context
// leads out of a frame. A strip is `kRows` rows; strips and columns count from the first whose context
// reaches into the image. Only the strips' spans are ever looked at: see begin_backward.
struct DeformationComparer::Workspace {
  explicit Workspace(const DeformationComparer& owner)
      : query(owner.frame_rows_ * owner.stride_, 0),
        zeros((kRows + 2 * owner.context_) * owner.stride_, 0),
        others(query.size() * owner.tile_.lanes, 0),
        forward(kRows * owner.stride_ * owner.tile_.lanes, kFarthest),
        backward(others.size(), kFarthest),
        spans(owner.n_strips_) {}

  std::vector<std::uint32_t> query, zeros;
  Aligned<std::uint16_t> others, forward, backward;
  std::vector<Span> spans;
  std::int64_t forward_sums[kMostLanes] = {}, backward_sums[kMostLanes] = {};
};

DeformationComparer::DeformationComparer(Gradients queries, Gradients targets, bool same, std::size_t warp,
                                         std::size_t context)
    : queries_(queries),
      targets_(targets),
      same_(same),
      warp_(warp),
      context_(context),
      tile_(deformation_tiles()),
      n_strips_((queries.size.height + 2 * context + kRows - 1) / kRows),
      margin_(warp + 2 * context),
      stride_(queries.size.width + 2 * margin_),
      frame_rows_(n_strips_ * kRows + 2 * (warp + context)),
      query_spans_(find_spans(queries)) {
  if (!same) target_spans_ = find_spans(targets);
}

std::vector<DeformationComparer::Span> DeformationComparer::find_spans(const Gradients& images) const {
  const std::size_t width = images.size.width, columns = width + 2 * context_;
  std::vector<Span> spans(images.n * n_strips_, Span{static_cast<std::uint32_t>(columns), 0});
  for (std::size_t i = 0; i < images.n; ++i)
    for (std::size_t y = 0; y < images.size.height; ++y) {
      const std::int8_t* row = images.row(i, y);
      std::size_t left = 0, right = 2 * width;  // the bytes that are not zero
      while (left < right && row[left] == 0) ++left;
      while (left < right && row[right - 1] == 0) --right;
      if (left == right) continue;
      for (std::size_t strip = y / kRows; strip <= (y + 2 * context_) / kRows; ++strip) {
        Span& span = spans[i * n_strips_ + strip];
        span.begin = std::min(span.begin, static_cast<std::uint32_t>(left / 2));
        span.end = std::max(span.end, static_cast<std::uint32_t>((right + 1) / 2 + 2 * context_));
      }
    }
  return spans;
}

void DeformationComparer::load_query(std::size_t query, Workspace& work) const {
  for (std::size_t y = 0; y < queries_.size.height; ++y) {
    const std::int8_t* row = queries_.row(query, y);
    std::uint32_t* out = work.query.data() + (y + margin_) * stride_ + margin_;
    for (std::size_t x = 0; x < queries_.size.width; ++x) {
      std::uint16_t pixel;
      std::memcpy(&pixel, row + 2 * x, 2);
      out[x] = pixel * 0x10001U;
    }
  }
}

void DeformationComparer::compare_group(std::size_t query, const std::uint32_t* others, std::size_t n,
                                        Workspace& work) const {
  const std::vector<Span>& target_spans = same_ ? query_spans_ : target_spans_;
  for (std::size_t strip = 0; strip < n_strips_; ++strip) {
    Span& span = work.spans[strip];
    span = query_spans_[query * n_strips_ + strip];
    for (std::size_t j = 0; j < n; ++j) {
      const Span& other = target_spans[others[j] * n_strips_ + strip];
      span.begin = std::min(span.begin, other.begin);
      span.end = std::max(span.end, other.end);
    }
  }
  interleave_group(others, n, work);
  begin_backward(work);
  std::fill(std::begin(work.forward_sums), std::end(work.forward_sums), 0);
  std::fill(std::begin(work.backward_sums), std::end(work.backward_sums), 0);
  for (std::size_t strip = 0; strip < n_strips_; ++strip) compare_strip(strip, work);
  add_up(work);
}

// Lanes without an image repeat the last one.
void DeformationComparer::interleave_group(const std::uint32_t* others, std::size_t n, Workspace& work) const {
  std::size_t left = stride_, right = 0, top = frame_rows_, bottom = 0;  // in frames: all that may be read
  for (std::size_t strip = 0; strip < n_strips_; ++strip) {
    const Span span = work.spans[strip];
    if (span.begin >= span.end) continue;
    left = std::min<std::size_t>(left, span.begin);
    right = std::max<std::size_t>(right, span.end + 2 * (warp_ + context_));
    top = std::min(top, strip * kRows);
    bottom = (strip + 1) * kRows + 2 * (warp_ + context_);
  }
  left = std::max(left, margin_);
  right = std::min(right, margin_ + targets_.size.width);
  bottom = std::min(bottom, margin_ + targets_.size.height);
  if (left >= right) return;
  const std::uint16_t* rows[kMostLanes];
  for (std::size_t y = std::max(top, margin_); y < bottom; ++y) {
    for (std::size_t lane = 0; lane < tile_.lanes; ++lane) {
      const std::int8_t* row = targets_.row(others[std::min(lane, n - 1)], y - margin_);
      rows[lane] = reinterpret_cast<const std::uint16_t*>(row) + (left - margin_);
    }
    tile_.interleave(rows, right - left, work.others.data() + (y * stride_ + left) * tile_.lanes);
  }
}

// What backward distances of the pixels of the spans begin with. A pixel that may be displaced to one
// outside the spans, where the query's context is all zero, is at least as near as that: its own squared
// context. So nothing outside the spans is looked at.
void DeformationComparer::begin_backward(Workspace& work) const {
  const std::size_t lanes = tile_.lanes, shift = warp_ * stride_ + warp_;
  for (std::size_t strip = 0; strip < n_strips_; ++strip) {
    const Span span = work.spans[strip];
    if (span.begin >= span.end) continue;
    const std::size_t at = strip * kRows * stride_ + span.begin;
    for (std::size_t r = 0; r < kRows; ++r)
      std::fill_n(work.backward.begin() + static_cast<std::ptrdiff_t>((at + shift + r * stride_) * lanes),
                  (span.end - span.begin) * lanes, kFarthest);
    tile_.compare[context_]({work.zeros.data() + span.begin, work.others.data() + (at + shift) * lanes,
                             work.forward.data() + span.begin * lanes, work.backward.data() + (at + shift) * lanes,
                             stride_, span.end - span.begin});
    for (std::size_t r = 0; r < kRows; ++r) {
      // Of pixels between these the whole neighbourhood is in the spans.
      std::size_t begin = 0, end = stride_;
      const std::size_t row = strip * kRows + r;
      for (std::size_t near = row < warp_ ? 0 : (row - warp_) / kRows; near <= (row + warp_) / kRows; ++near) {
        const Span other = near < n_strips_ && row >= warp_ ? work.spans[near] : Span{1, 0};
        begin = std::max<std::size_t>(begin, other.begin + warp_);
        end = std::min<std::size_t>(end, other.end < warp_ ? 0 : other.end - warp_);
      }
      if (begin < end)
        std::fill_n(work.backward.begin() +
                        static_cast<std::ptrdiff_t>((row * stride_ + begin + shift) * lanes),
                    (end - begin) * lanes, kFarthest);
    }
  }
}

void DeformationComparer::compare_strip(std::size_t strip, Workspace& work) const {
  const Span span = work.spans[strip];
  if (span.begin >= span.end) return;
  const std::size_t lanes = tile_.lanes, columns = span.end - span.begin;
  const std::size_t at = strip * kRows * stride_ + span.begin;
  for (std::size_t r = 0; r < kRows; ++r)
    std::fill_n(work.forward.begin() + static_cast<std::ptrdiff_t>((r * stride_ + span.begin) * lanes),
                columns * lanes, kFarthest);
  for (std::size_t down = 0; down <= 2 * warp_; ++down)
    for (std::size_t across = 0; across <= 2 * warp_; ++across) {
      const std::size_t displaced = at + down * stride_ + across;
      tile_.compare[context_]({work.query.data() + at + warp_ * stride_ + warp_,
                               work.others.data() + displaced * lanes, work.forward.data() + span.begin * lanes,
                               work.backward.data() + displaced * lanes, stride_, columns});
    }
  for (std::size_t r = 0; r < kRows; ++r)
    add_row(tile_, work.forward.data() + (r * stride_ + span.begin) * lanes, columns, work.forward_sums);
}

void DeformationComparer::add_up(Workspace& work) const {
  for (std::size_t row = 0; row < n_strips_ * kRows; ++row) {
    const Span span = work.spans[row / kRows];
    if (span.begin >= span.end) continue;
    add_row(tile_, work.backward.data() + ((row + warp_) * stride_ + span.begin + warp_) * tile_.lanes,
            span.end - span.begin, work.backward_sums);
  }
}

void DeformationComparer::compare(const Shortlists& lists, std::size_t first, std::size_t last, int n_threads,
                                  const DeformationDistances& out) const {
  for_blocks(last - first, kQueryBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    Workspace work(*this);
    std::vector<std::uint32_t> others;
    std::vector<std::size_t> places;
    for (std::size_t query = first + begin; query < first + end; ++query) {
      const auto own = static_cast<std::int32_t>(query);
      const std::int32_t* list = lists.targets + query * lists.places;
      const auto names_us = [&](std::int32_t other) {
        const std::int32_t* theirs = lists.targets + static_cast<std::size_t>(other) * lists.places;
        return std::find(theirs, theirs + lists.places, own) != theirs + lists.places;
      };
      others.clear();
      places.clear();
      for (std::size_t place = 0; place < lists.places; ++place) {
        if (same_ && list[place] < own && names_us(list[place])) continue;  // it compares us
        others.push_back(static_cast<std::uint32_t>(list[place]));
        places.push_back(place);
      }
      load_query(query, work);
      for (std::size_t at = 0; at < others.size(); at += tile_.lanes) {
        const std::size_t n = std::min(tile_.lanes, others.size() - at);
        compare_group(query, others.data() + at, n, work);
        for (std::size_t j = 0; j < n; ++j) {
          const std::size_t place = query * lists.places + places[at + j];
          out.forward[place] = work.forward_sums[j];
          out.backward[place] = work.backward_sums[j];
          if (!same_ || others[at + j] <= query) continue;
          const std::size_t theirs = others[at + j] * lists.places;
          for (std::size_t mirror = theirs; mirror < theirs + lists.places; ++mirror)
            if (lists.targets[mirror] == own) {
              out.forward[mirror] = work.backward_sums[j];
              out.backward[mirror] = work.forward_sums[j];
            }
        }
      }
    }
  });
}

}  // namespace inkmeans
