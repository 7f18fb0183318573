// Oriented gradients and patch features against loops over pixels, for sizes of every kind.
#include <algorithm>
#include <limits>

#include "checks/check.hpp"
#include "gradients.hpp"
#include "patches.hpp"

namespace inkmeans {
namespace {

constexpr double kTurn = 6.283185307179586;

double middle_weight(std::size_t pixel, std::size_t cell, std::size_t side, std::size_t size, std::size_t stride) {
  const auto n_cells = static_cast<double>((side - size) / stride + 1);
  const double middle = (static_cast<double>(side) - 1) / 2 +
                        (static_cast<double>(cell) - (n_cells - 1) / 2) * static_cast<double>(stride);
  return std::max(0.0, 1 - std::abs(static_cast<double>(pixel) - middle) / static_cast<double>(size));
}

// Every cell a block of its own, not clipped.
std::vector<double> gradients_by_definition(const std::uint8_t* image, std::size_t height, std::size_t width,
                                            std::size_t size, std::size_t stride, const GradientOptions& options) {
  const std::size_t n = options.n_orientations;
  const std::size_t n_down = (height - size) / stride + 1, n_across = (width - size) / stride + 1;
  std::vector<double> cells(n_down * n_across * n);
  const auto at = [&](std::size_t y, std::size_t x) { return static_cast<double>(image[y * width + x]); };
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const double across = at(y, std::min(x + 1, width - 1)) - at(y, x > 0 ? x - 1 : 0);
      const double down = at(std::min(y + 1, height - 1), x) - at(y > 0 ? y - 1 : 0, x);
      const double period = options.is_signed ? kTurn : kTurn / 2;
      double angle = std::fmod(std::atan2(down, across) + kTurn, period);
      const double place = angle / period * static_cast<double>(n);
      const auto bin = static_cast<std::size_t>(place);
      const double share = place - static_cast<double>(bin);
      for (std::size_t cy = 0; cy < n_down; ++cy)
        for (std::size_t cx = 0; cx < n_across; ++cx) {
          const double weight =
              middle_weight(y, cy, height, size, stride) * middle_weight(x, cx, width, size, stride);
          double* votes = cells.data() + (cy * n_across + cx) * n;
          votes[bin % n] += weight * std::hypot(across, down) * (1 - share);
          votes[(bin + 1) % n] += weight * std::hypot(across, down) * share;
        }
    }
  for (std::size_t cell = 0; cell < n_down * n_across; ++cell) {
    double* votes = cells.data() + cell * n;
    double squares = static_cast<double>(options.epsilon) * options.epsilon;
    for (std::size_t o = 0; o < n; ++o) {
      votes[o] /= 255.0 * static_cast<double>(size * size);
      squares += votes[o] * votes[o];
    }
    for (std::size_t o = 0; o < n; ++o) votes[o] /= std::sqrt(squares);
  }
  return cells;
}

bool near(const std::vector<float>& found, const std::vector<double>& expected, double allowed) {
  if (found.size() != expected.size()) return false;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!(std::abs(found[i] - expected[i]) <= allowed * (1 + std::abs(expected[i])))) return false;
  return true;
}

void check_gradients(int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t height = uniform(1, 20), width = uniform(1, 20), n_images = uniform(0, 3);
    const std::size_t size = uniform(1, std::min(height, width)), stride = uniform(1, 6);
    const auto images = random_values<std::uint8_t>(n_images * height * width, 0, 256);
    constexpr float no_limit = std::numeric_limits<float>::infinity();
    GradientOptions options{uniform(2, 13), uniform(0, 1) == 1, 1, false, 0.01F, no_limit};
    const std::vector<GradientGrid> grids{{height, width, size, stride, options}};
    std::vector<float> rows(n_images * grids[0].n_features());
    oriented_histograms(images.data(), n_images, height * width, grids, 2, rows.data());
    std::vector<double> expected;
    for (std::size_t image = 0; image < n_images; ++image) {
      const std::uint8_t* pixels = images.data() + image * height * width;
      const auto row = gradients_by_definition(pixels, height, width, size, stride, options);
      expected.insert(expected.end(), row.begin(), row.end());
    }
    check.expect(near(rows, expected, 1e-4), "oriented_histograms");
    options.block_size = uniform(0, 3);
    options.square_root = true;
    options.clip = 0.2F;
    std::vector<GradientGrid> blocks{{height, width, size, stride, options}, grids[0]};
    std::vector<float> clipped(n_images * (blocks[0].n_features() + blocks[1].n_features()));
    oriented_histograms(images.data(), n_images, height * width, blocks, 3, clipped.data());
    check.expect(std::all_of(clipped.begin(), clipped.end(), [](float x) { return x >= 0 && x < 1.0001F; }),
                 "blocks are at most of length 1");
  }
}

// Squares of what a layer gives: the sums before the root.
std::vector<double> patches_by_definition(const std::vector<double>& map, std::size_t height, std::size_t width,
                                          std::size_t channels, const PatchLayer& layer) {
  const std::size_t size = layer.patch_size, pool = layer.pool, n_atoms = layer.atoms.n_columns;
  const std::size_t down = height - size + 1, across = width - size + 1, length = size * size * channels;
  std::vector<double> sums(pool * pool * n_atoms), patch(length);
  for (std::size_t y = 0; y < down; ++y)
    for (std::size_t x = 0; x < across; ++x) {
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < length; ++i) {
        const std::size_t row = i / (size * channels), rest = i % (size * channels);
        patch[i] = map[((y + row) * width + x) * channels + rest];
        mean += patch[i] / static_cast<double>(length);
      }
      for (double value : patch) variance += (value - mean) * (value - mean) / static_cast<double>(length);
      double* to = sums.data() + (y * pool / down * pool + x * pool / across) * n_atoms;
      for (std::size_t atom = 0; atom < n_atoms; ++atom) {
        double dot = 0;
        for (std::size_t i = 0; i < length; ++i) dot += (patch[i] - mean) * layer.atoms.row(i)[atom];
        to[atom] += std::max(0.0, dot / std::sqrt(variance + layer.epsilon) - layer.thresholds[atom]);
      }
    }
  return sums;
}

struct RandomLayer {
  RandomLayer(std::size_t channels, std::size_t shorter) : size(uniform(1, std::min<std::size_t>(shorter, 7))) {
    const std::size_t length = size * size * channels, n_atoms = uniform(1, 40);
    atoms.resize(length * n_atoms);
    for (float& value : atoms) value = std::uniform_real_distribution<float>(-1, 1)(generator);
    for (std::size_t atom = 0; atom < n_atoms; ++atom) {
      double mean = 0;
      for (std::size_t i = 0; i < length; ++i) mean += atoms[i * n_atoms + atom] / static_cast<double>(length);
      for (std::size_t i = 0; i < length; ++i) atoms[i * n_atoms + atom] -= static_cast<float>(mean);
      thresholds.push_back(std::uniform_real_distribution<float>(-0.5F, 1)(generator));
    }
    layer = {size, uniform(1, shorter - size + 1), 1.0F, {atoms.data(), length, n_atoms}, thresholds.data()};
  }
  std::size_t size;
  std::vector<float> atoms, thresholds;
  PatchLayer layer{};
};

void check_patches(int n_cases, Check& check) {
  for (int i = 0; i < n_cases; ++i) {
    const std::size_t height = uniform(1, 16), width = uniform(1, 16), shorter = std::min(height, width);
    auto image = random_values<std::uint8_t>(height * width, 0, 256);
    if (uniform(0, 2) == 0) std::fill(image.begin(), image.end(), image[0]);
    const RandomLayer lower(1, shorter);
    const RandomLayer upper(lower.thresholds.size(), lower.layer.pool);
    const std::vector<PatchChain> chains{make_chain(height, width, {lower.layer}),
                                         make_chain(height, width, {lower.layer, upper.layer})};
    std::vector<float> row(chains[0].back().n_features() + chains[1].back().n_features());
    encode_patches(image.data(), 1, height * width, chains, 1, row.data());
    for (float& value : row) value *= value;
    auto expected = patches_by_definition({image.begin(), image.end()}, height, width, 1, lower.layer);
    std::vector<double> map(expected.size());
    std::transform(expected.begin(), expected.end(), map.begin(), [](double x) { return std::sqrt(x); });
    const std::size_t pool = lower.layer.pool;
    const auto second = patches_by_definition(map, pool, pool, lower.thresholds.size(), upper.layer);
    expected.insert(expected.end(), second.begin(), second.end());
    check.expect(near(row, expected, 2e-3), "encode_patches");
  }
}

}  // namespace

void check_features(const std::string& level, int n_cases) {
  { Check check(level + ": oriented gradients"); check_gradients(2 * n_cases, check); }
  { Check check(level + ": patch features"); check_patches(2 * n_cases, check); }
}

}  // namespace inkmeans
