// Scattering against sums over all pixels, for sizes of every kind; and each level against the first.
#include "scattering.hpp"

#include <algorithm>
#include <complex>

#include "checks/check.hpp"
#include "simd/level.hpp"

namespace inkmeans {
namespace {

using Plane = std::vector<std::complex<double>>;

// Along rows, then along columns, by the definition; the inverse without its factor.
Plane transform(const Plane& in, std::size_t n_rows, std::size_t n_columns, double sign) {
  const auto root = [&](std::size_t k, std::size_t n) {
    return std::polar(1.0, sign * 6.283185307179586 * static_cast<double>(k % n) / static_cast<double>(n));
  };
  Plane between(in.size()), out(in.size());
  for (std::size_t r = 0; r < n_rows; ++r)
    for (std::size_t k = 0; k < n_columns; ++k)
      for (std::size_t c = 0; c < n_columns; ++c)
        between[r * n_columns + k] += in[r * n_columns + c] * root(k * c, n_columns);
  for (std::size_t k = 0; k < n_rows; ++k)
    for (std::size_t c = 0; c < n_columns; ++c)
      for (std::size_t r = 0; r < n_rows; ++r)
        out[k * n_columns + c] += between[r * n_columns + c] * root(k * r, n_rows);
  return out;
}

struct Problem {
  std::size_t n_images, height, width, n_scales, n_orientations, order, n_rows, n_columns;
  std::vector<std::uint8_t> images;
  std::vector<double> wavelets, low_rows, low_columns;

  FilterBank bank() const {
    return {n_rows,          n_columns,       n_scales,          n_orientations,
            wavelets.data(), low_rows.data(), low_columns.data()};
  }
  std::size_t row_length() const {
    return count_paths(n_scales, n_orientations, order) * (n_rows >> n_scales) * (n_columns >> n_scales);
  }
};

// Filters are of any values here, those of the low pass around their first.
Problem random_problem() {
  Problem p;
  p.n_images = uniform(1, 18);
  p.n_scales = uniform(1, 3);
  p.n_orientations = uniform(1, 2);
  p.order = uniform(1, 2);
  p.n_rows = uniform(1, 24 >> p.n_scales) << p.n_scales;
  p.n_columns = uniform(1, 24 >> p.n_scales) << p.n_scales;
  p.height = uniform(1, p.n_rows);
  p.width = uniform(1, p.n_columns);
  p.images = random_values<std::uint8_t>(p.n_images * p.height * p.width, 0, 256);
  p.wavelets.resize(p.n_scales * p.n_orientations * p.n_rows * p.n_columns);
  for (double& value : p.wavelets) value = std::uniform_real_distribution<>(-1, 1)(generator);
  const auto low_pass = [&](std::size_t n) {
    std::vector<double> values;
    const double width = static_cast<double>(uniform(1, 6));
    for (std::size_t i = 0; i < n; ++i) {
      const double distance = static_cast<double>(std::min(i, n - i));
      values.push_back(std::exp(-distance * distance / width));
    }
    return values;
  };
  p.low_rows = low_pass(p.n_rows);
  p.low_columns = low_pass(p.n_columns);
  return p;
}

// An image of one scale.
struct Image {
  std::size_t scale;
  Plane values;
};

Image filtered(const Problem& p, const Image& image, std::size_t to, std::size_t orientation) {
  const std::size_t n_rows = p.n_rows >> image.scale, n_columns = p.n_columns >> image.scale;
  Plane spectrum = transform(image.values, n_rows, n_columns, -1);
  Plane weights(spectrum.size());
  const double* wavelet = p.wavelets.data() + (to * p.n_orientations + orientation) * p.n_rows * p.n_columns;
  for (std::size_t r = 0; r < p.n_rows; ++r)
    for (std::size_t c = 0; c < p.n_columns; ++c)
      weights[r % n_rows * n_columns + c % n_columns] += wavelet[r * p.n_columns + c];
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    spectrum[i] *= weights[i] / static_cast<double>(spectrum.size());
  const Plane fine = transform(spectrum, n_rows, n_columns, 1);
  const std::size_t step = std::size_t{1} << (to - image.scale);
  Image out{to, {}};
  for (std::size_t r = 0; r < n_rows; r += step)
    for (std::size_t c = 0; c < n_columns; c += step) out.values.emplace_back(std::abs(fine[r * n_columns + c]));
  return out;
}

void average(const Problem& p, const Image& image, std::vector<double>& out) {
  const std::size_t n_rows = p.n_rows >> image.scale, n_columns = p.n_columns >> image.scale;
  const std::size_t end = std::size_t{1} << p.n_scales, pixel = std::size_t{1} << image.scale;
  for (std::size_t y = 0; y < p.n_rows; y += end)
    for (std::size_t x = 0; x < p.n_columns; x += end) {
      double sum = 0;
      for (std::size_t r = 0; r < n_rows; ++r)
        for (std::size_t c = 0; c < n_columns; ++c)
          sum += image.values[r * n_columns + c].real() *
                 p.low_rows[(r * pixel + p.n_rows - y) % p.n_rows] *
                 p.low_columns[(c * pixel + p.n_columns - x) % p.n_columns];
      out.push_back(sum * static_cast<double>(pixel * pixel));
    }
}

std::vector<double> by_definition(const Problem& p, std::size_t index) {
  Image image{0, Plane(p.n_rows * p.n_columns)};
  const std::size_t top = (p.n_rows - p.height) / 2, left = (p.n_columns - p.width) / 2;
  for (std::size_t y = 0; y < p.height; ++y)
    for (std::size_t x = 0; x < p.width; ++x)
      image.values[(y + top) * p.n_columns + x + left] =
          p.images[(index * p.height + y) * p.width + x] / 255.0;
  std::vector<Image> first;
  for (std::size_t scale = 0; scale < p.n_scales; ++scale)
    for (std::size_t t = 0; t < p.n_orientations; ++t) first.push_back(filtered(p, image, scale, t));
  std::vector<double> out;
  average(p, image, out);
  for (const Image& one : first) average(p, one, out);
  if (p.order == 2)
    for (const Image& one : first)
      for (std::size_t scale = one.scale + 1; scale < p.n_scales; ++scale)
        for (std::size_t t = 0; t < p.n_orientations; ++t) average(p, filtered(p, one, scale, t), out);
  return out;
}

void check_one(const std::string& level, Check& check) {
  const Problem p = random_problem();
  const std::size_t length = p.row_length();
  std::vector<float> out(p.n_images * length, -1.0f), plain(out.size());
  const ImageStack stack{p.images.data(), p.n_images, p.height, p.width};
  scatter(stack, p.bank(), p.order, static_cast<int>(uniform(1, 3)), out.data());
  force_level("portable");
  scatter(stack, p.bank(), p.order, 1, plain.data());
  force_level(level);
  check.expect(out == plain, "levels and threads change no bit");
  const std::size_t index = uniform(0, p.n_images - 1);
  const std::vector<double> expected = by_definition(p, index);
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < length; ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    difference = std::max(difference, std::abs(expected[i] - out[index * length + i]));
  }
  check.expect(expected.size() == length && difference <= 2e-4 * largest, "values by definition");
}

}  // namespace

void check_scattering(const std::string& level, int n_cases) {
  Check check(level + ": scattering");
  for (int i = 0; i < n_cases; ++i) check_one(level, check);
}

}  // namespace inkmeans
