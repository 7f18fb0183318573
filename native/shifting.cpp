#include "shifting.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kBlock = 256;  // images that a thread takes at a time

struct Shift {
  std::ptrdiff_t whole;
  float part;
};

// Further away than its side an image has no ink to show. What is not a number counts as that far.
Shift split(double shift, std::size_t side) {
  const double limit = static_cast<double>(side) + 1;
  const double within = shift > -limit ? std::min(shift, limit) : -limit;
  const double whole = std::floor(within);
  return {static_cast<std::ptrdiff_t>(whole), static_cast<float>(within - whole)};
}

// One image; `row` has room for a row with as much black on either side as a shift may reach into.
void shift_image(const std::uint8_t* image, std::size_t height, std::size_t width, double top, const double* left,
                 const std::uint8_t* black, float* row, std::uint8_t* out) {
  const Shift down = split(top, height);
  const std::size_t margin = width + 2;
  const auto last = static_cast<std::ptrdiff_t>(height);
  for (std::size_t y = 0; y < height; ++y, out += width) {
    const std::ptrdiff_t at = down.whole + static_cast<std::ptrdiff_t>(y);
    const std::uint8_t* first = at >= 0 && at < last ? image + static_cast<std::size_t>(at) * width : black;
    const std::uint8_t* second =
        at + 1 >= 0 && at + 1 < last ? image + static_cast<std::size_t>(at + 1) * width : black;
    float* blended = row + margin;
    for (std::size_t x = 0; x < width; ++x) {
      const auto value = static_cast<float>(first[x]);
      blended[x] = (static_cast<float>(second[x]) - value) * down.part + value;
    }
    const Shift right = split(left[y], width);
    const float* from = blended + right.whole;
    for (std::size_t x = 0; x < width; ++x) {
      const float value = (from[x + 1] - from[x]) * right.part + from[x] + 0.5F;
      out[x] = static_cast<std::uint8_t>(static_cast<std::int32_t>(value));
    }
  }
}

}  // namespace

void shift_rows(const std::uint8_t* images, std::size_t n_images, std::size_t height, std::size_t width,
                const double* top, const double* left, int n_threads, std::uint8_t* out) {
  for_blocks(n_images, kBlock, n_threads, [&](std::size_t begin, std::size_t end, int) {
    const std::vector<std::uint8_t> black(width);
    std::vector<float> row(3 * width + 5);
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t start = i * height * width;
      shift_image(images + start, height, width, top[i], left + i * height, black.data(), row.data(), out + start);
    }
  });
}

}  // namespace inkmeans
