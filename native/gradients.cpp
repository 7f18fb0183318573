#include "gradients.hpp"

#include <algorithm>
#include <cmath>

#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kLanes = 4;
constexpr std::size_t kBlock = 64;  // images that a thread takes at a time
constexpr float kPi = 3.14159265358979F;

// The arc tangent of t in [0, 1], to 2e-7: t times a Chebyshev fit in t * t.
inline float arc_tangent(float t) {
  const float s = t * t;
  float p = -0.00466877331F;
  p = p * s + 0.0241661895F;
  p = p * s - 0.0593671008F;
  p = p * s + 0.099060969F;
  p = p * s - 0.14016585F;
  p = p * s + 0.199692354F;
  p = p * s - 0.333319597F;
  p = p * s + 0.999999898F;
  return p * t;
}

}  // namespace

CellAxis::CellAxis(std::size_t side, std::size_t cell_size, std::size_t stride) : length(side) {
  const std::size_t n_cells = (side - cell_size) / stride + 1;
  weights.assign(n_cells * side, 0.0F);
  for (std::size_t cell = 0; cell < n_cells; ++cell) {
    const double cells_away = static_cast<double>(cell) - static_cast<double>(n_cells - 1) / 2;
    const double middle = static_cast<double>(side - 1) / 2 + cells_away * static_cast<double>(stride);
    std::size_t from = side, to = 0;
    for (std::size_t pixel = 0; pixel < side; ++pixel) {
      const double away = std::abs(static_cast<double>(pixel) - middle) / static_cast<double>(cell_size);
      if (away >= 1) continue;
      weights[cell * side + pixel] = static_cast<float>(1 - away);
      from = std::min(from, pixel);
      to = pixel + 1;
    }
    begin.push_back(from);
    end.push_back(to);
  }
}

GradientGrid::GradientGrid(std::size_t height, std::size_t width, std::size_t cell_size, std::size_t stride,
                           const GradientOptions& options)
    : options_(options),
      along_y_(height, cell_size, stride),
      along_x_(width, cell_size, stride),
      lanes_(round_up(options.n_orientations, kLanes)),
      first_(0),
      last_(0),
      across_(width),
      down_(width),
      lower_(width),
      upper_(width),
      bins_(width),
      votes_(width * lanes_, 0.0F),
      pooled_(along_x_.n_cells() * lanes_),
      cells_(along_y_.n_cells() * along_x_.n_cells() * lanes_) {
  const std::size_t ny = along_y_.n_cells(), nx = along_x_.n_cells();
  block_height_ = options.block_size == 0 ? ny : std::min(options.block_size, ny);
  block_width_ = options.block_size == 0 ? nx : std::min(options.block_size, nx);
  blocks_y_ = ny - block_height_ + 1;
  blocks_x_ = nx - block_width_ + 1;
  // Cells add up with weights: to cell_size^2 where every pixel has a gradient of full contrast.
  const float scale = 1 / (255.0F * static_cast<float>(cell_size) * static_cast<float>(cell_size));
  for (float& weight : along_y_.weights) weight *= scale;
}

// Shares the gradient of each pixel of row y between the two orientations next to its own.
void GradientGrid::vote(const std::uint8_t* image, std::size_t y) {
  const std::size_t width = along_x_.length, height = along_y_.length;
  const std::uint8_t* row = image + y * width;
  const std::uint8_t* above = y > 0 ? row - width : row;
  const std::uint8_t* below = y + 1 < height ? row + width : row;
  float* across = across_.data();
  float* down = down_.data();
  float* lower = lower_.data();
  float* upper = upper_.data();
  std::int32_t* bins = bins_.data();
  for (std::size_t x = 0; x < width; ++x) down[x] = static_cast<float>(below[x] - above[x]);
  for (std::size_t x = 1; x + 1 < width; ++x) across[x] = static_cast<float>(row[x + 1] - row[x - 1]);
  across[0] = static_cast<float>(row[width > 1 ? 1 : 0] - row[0]);
  across[width - 1] = static_cast<float>(row[width - 1] - row[width > 1 ? width - 2 : 0]);

  const auto n = static_cast<float>(options_.n_orientations);
  const float period = options_.is_signed ? 2 * kPi : kPi, bins_a_radian = n / period;
  // The sign of the whole gradient does not count for half a circle.
  const float back = options_.is_signed ? 2 * kPi : kPi;
  const auto last_bin = static_cast<std::int32_t>(options_.n_orientations) - 1;
  for (std::size_t x = 0; x < width; ++x) {
    const float dx = across[x], dy = down[x], ax = std::abs(dx), ay = std::abs(dy);
    const float magnitude = std::sqrt(dx * dx + dy * dy);
    const float less = ax < ay ? ax : ay, more = ax < ay ? ay : ax;
    float angle = arc_tangent(less / (more > 1.0F ? more : 1.0F));
    angle = ax < ay ? 0.5F * kPi - angle : angle;
    angle = dx < 0 ? kPi - angle : angle;  // now in [0, pi]: of the upper half of the circle
    angle = dy < 0 ? back - angle : angle;
    const float place = angle * bins_a_radian;
    const auto whole = static_cast<std::int32_t>(place);
    const std::int32_t bin = whole < last_bin ? whole : last_bin;
    const float part = place - static_cast<float>(bin), share = part < 1.0F ? part : 1.0F;
    bins[x] = bin;
    upper[x] = share * magnitude;
    lower[x] = magnitude - upper[x];
  }

  first_ = 0;
  last_ = width;
  while (first_ < width && across[first_] == 0 && down[first_] == 0) ++first_;
  while (last_ > first_ && across[last_ - 1] == 0 && down[last_ - 1] == 0) --last_;
  for (std::size_t x = first_; x < last_; ++x) {
    float* votes = votes_.data() + x * lanes_;
    for (std::size_t o = 0; o < lanes_; o += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) votes[o + lane] = 0.0F;
    votes[bins[x]] = lower[x];
    votes[bins[x] < last_bin ? bins[x] + 1 : 0] += upper[x];
  }
}

void GradientGrid::describe(const std::uint8_t* image, float* out) {
  const std::size_t ny = along_y_.n_cells(), nx = along_x_.n_cells(), width = along_x_.length;
  std::fill(cells_.begin(), cells_.end(), 0.0F);
  for (std::size_t y = 0; y < along_y_.length; ++y) {
    vote(image, y);
    if (first_ == last_) continue;
    std::fill(pooled_.begin(), pooled_.end(), 0.0F);
    for (std::size_t cell = 0; cell < nx; ++cell) {
      float* sums = pooled_.data() + cell * lanes_;
      const std::size_t end = std::min(along_x_.end[cell], last_);
      for (std::size_t x = std::max(along_x_.begin[cell], first_); x < end; ++x) {
        const float weight = along_x_.weights[cell * width + x];
        const float* votes = votes_.data() + x * lanes_;
        for (std::size_t o = 0; o < lanes_; o += kLanes)
          for (std::size_t lane = 0; lane < kLanes; ++lane) sums[o + lane] += weight * votes[o + lane];
      }
    }
    for (std::size_t cell = 0; cell < ny; ++cell) {
      if (y < along_y_.begin[cell] || y >= along_y_.end[cell]) continue;
      const float weight = along_y_.weights[cell * along_y_.length + y];
      float* sums = cells_.data() + cell * nx * lanes_;
      for (std::size_t i = 0; i < nx * lanes_; ++i) sums[i] += weight * pooled_[i];
    }
  }
  if (options_.square_root)
    for (float& value : cells_) value = std::sqrt(value);

  const std::size_t n = options_.n_orientations, length = block_height_ * block_width_ * n;
  for (std::size_t by = 0; by < blocks_y_; ++by)
    for (std::size_t bx = 0; bx < blocks_x_; ++bx, out += length) {
      float* to = out;
      for (std::size_t cy = by; cy < by + block_height_; ++cy)
        for (std::size_t cx = bx; cx < bx + block_width_; ++cx, to += n) {
          const float* from = cells_.data() + (cy * nx + cx) * lanes_;
          std::copy(from, from + n, to);
        }
      normalise(out, length);
    }
}

// L2-Hys: to length 1, elements clipped, to length 1 again. Blocks without gradients stay zero.
void GradientGrid::normalise(float* block, std::size_t length) const {
  const auto to_unit = [&] {
    float squares[kLanes] = {};
    std::size_t i = 0;
    for (; i + kLanes <= length; i += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) squares[lane] += block[i + lane] * block[i + lane];
    for (; i < length; ++i) squares[0] += block[i] * block[i];
    const float sum = (squares[0] + squares[1]) + (squares[2] + squares[3]) + options_.epsilon * options_.epsilon;
    const float scale = sum > 0 ? 1 / std::sqrt(sum) : 0.0F;
    for (std::size_t j = 0; j < length; ++j) block[j] *= scale;
  };
  to_unit();
  if (!(options_.clip < 1)) return;
  for (std::size_t i = 0; i < length; ++i) block[i] = block[i] < options_.clip ? block[i] : options_.clip;
  to_unit();
}

void oriented_histograms(const std::uint8_t* images, std::size_t n_images, std::size_t n_pixels,
                         const std::vector<GradientGrid>& grids, int n_threads, float* out) {
  std::size_t total = 0;
  for (const GradientGrid& grid : grids) total += grid.n_features();
  for_blocks(n_images, kBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<GradientGrid> own = grids;  // each block has room of its own
    for (std::size_t i = begin; i < end; ++i) {
      float* row = out + i * total;
      for (GradientGrid& grid : own) {
        grid.describe(images + i * n_pixels, row);
        row += grid.n_features();
      }
    }
  });
}

}  // namespace inkmeans
