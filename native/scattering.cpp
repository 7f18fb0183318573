#include "scattering.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "memory.hpp"
#include "simd/scattering.hpp"
#include "threads.hpp"

namespace inkmeans {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr std::size_t kLongestFast = 64;
// Weights below these parts of the largest are left out.
constexpr double kLeastWavelet = 2e-5, kLeastLowPass = 1e-6;

// What a program points to.
class Plan {
 public:
  Plan(const ImageStack& images, const FilterBank& bank, std::size_t order) : bank_(bank) {
    const std::size_t n_scales = bank.n_scales, n_orientations = bank.n_orientations;
    for (std::size_t scale = 0; scale < n_scales; ++scale) resolutions_.push_back(resolution(scale));
    bands_.resize(n_scales * n_scales * n_orientations);
    const std::size_t last_from = order == 2 ? n_scales : 1;
    for (std::size_t from = 0; from < last_from; ++from)
      for (std::size_t orientation = 0; orientation < n_orientations; ++orientation)
        for (std::size_t to = from; to < n_scales; ++to)
          bands_[(from * n_scales + to) * n_orientations + orientation] = band(from, to, orientation);
    program_.height = images.height;
    program_.width = images.width;
    program_.top = (bank.n_rows - images.height) / 2;
    program_.left = (bank.n_columns - images.width) / 2;
    program_.n_scales = n_scales;
    program_.n_orientations = n_orientations;
    program_.order = order;
    program_.n_paths = count_paths(n_scales, n_orientations, order);
    program_.n_positions = (bank.n_rows >> n_scales) * (bank.n_columns >> n_scales);
    program_.resolutions = resolutions_.data();
    program_.bands = bands_.data();
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const ScatteringProgram& program() const { return program_; }

 private:
  const float* keep(std::vector<float> values) {
    floats_.push_back(std::move(values));
    return floats_.back().data();
  }

  // (cos, sin) of 2 pi a b / n for all a < n_a, b < n_b, at [a][b].
  const float* turns(std::size_t n_a, std::size_t n_b, std::size_t n) {
    std::vector<float> values;
    for (std::size_t a = 0; a < n_a; ++a)
      for (std::size_t b = 0; b < n_b; ++b) {
        const double angle = kTwoPi * static_cast<double>(a * b % n) / static_cast<double>(n);
        values.push_back(static_cast<float>(std::cos(angle)));
        values.push_back(static_cast<float>(std::sin(angle)));
      }
    return keep(std::move(values));
  }

  FourierPlan fourier(std::size_t n) {
    std::size_t fast = 1;
    while (fast < kLongestFast && n % (2 * fast) == 0) fast *= 2;
    const std::size_t slow = n / fast, first = fast < 32 ? 4 : 8;
    return {n, fast, slow, turns(fast / first, first, fast), turns(slow, fast, n), turns(2, slow, slow) + 2 * slow};
  }

  // `kernel` is as long as the rows (or columns) of full resolution; `scale` says which these are.
  LowPass low_pass(const double* kernel, std::size_t full, std::size_t scale) {
    const std::size_t n = full >> scale, step = std::size_t{1} << (bank_.n_scales - scale);
    const auto weight = [&](std::size_t distance) {
      return std::ldexp(kernel[(distance % n) << scale], static_cast<int>(scale));
    };
    std::size_t reach = 0;
    for (std::size_t i = 0; i <= n / 2; ++i)
      if (weight(i) > kLeastLowPass * weight(0)) reach = i;
    const std::size_t n_outputs = n / step;
    std::vector<LowWindow> windows;
    for (std::size_t output = 0; output < n_outputs; output += 4) {
      const std::size_t width = 3 * step + 2 * reach + 1;
      const std::size_t begin = width < n ? (output * step + n - reach) % n : 0;
      const std::size_t length = std::min(width, n);
      std::vector<float> weights;
      for (std::size_t i = 0; i < length; ++i)
        for (std::size_t k = output; k < output + 4; ++k)
          weights.push_back(k < n_outputs ? static_cast<float>(weight(begin + i + n - k * step)) : 0.0f);
      windows.push_back({begin, length, keep(std::move(weights))});
    }
    windows_.push_back(std::move(windows));
    return {n_outputs, windows_.back().size(), windows_.back().data()};
  }

  Resolution resolution(std::size_t scale) {
    const std::size_t n_rows = bank_.n_rows >> scale, n_columns = bank_.n_columns >> scale;
    return {n_rows,
            n_columns,
            n_columns / 2 + 1,
            fourier(n_columns),
            fourier(n_rows),
            low_pass(bank_.low_columns, bank_.n_columns, scale),
            low_pass(bank_.low_rows, bank_.n_rows, scale)};
  }

  // The wavelet as images of a coarser resolution see it: aliases added up.
  std::vector<double> wavelet_at(std::size_t from, std::size_t scale, std::size_t orientation) const {
    const Resolution& at = resolutions_[from];
    std::vector<double> folded(at.n_rows * at.n_columns, 0.0);
    const double* wavelet = bank_.wavelets + (scale * bank_.n_orientations + orientation) * bank_.n_rows * bank_.n_columns;
    for (std::size_t r = 0; r < bank_.n_rows; ++r)
      for (std::size_t c = 0; c < bank_.n_columns; ++c)
        folded[r % at.n_rows * at.n_columns + c % at.n_columns] += *wavelet++;
    return folded;
  }

  Term term(std::size_t from, std::size_t row, std::size_t column, std::size_t to, double weight) const {
    const Resolution& at = resolutions_[from];
    const bool mirrored = column >= at.n_half;
    if (mirrored) {
      row = (at.n_rows - row) % at.n_rows;
      column = at.n_columns - column;
    }
    const float real = static_cast<float>(weight);
    return {static_cast<std::uint32_t>(row * at.n_half + column), static_cast<std::uint32_t>(to), real,
            mirrored ? -real : real};
  }

  Band band(std::size_t from, std::size_t to, std::size_t orientation) {
    const Resolution &at = resolutions_[from], &out = resolutions_[to];
    const std::vector<double> wavelet = wavelet_at(from, to, orientation);
    double largest = 0;
    for (const double value : wavelet) largest = std::max(largest, std::abs(value));
    // Half of it because spectra come doubled; the rest scales the inverse transform and the folding.
    const double scale = 0.5 / static_cast<double>(at.n_rows * at.n_columns);
    std::vector<Term> first, more;
    std::vector<std::uint32_t> ends;
    for (std::size_t c = 0; c < out.n_columns; ++c) {
      for (std::size_t r = 0; r < out.n_rows; ++r) {
        const std::size_t begin = more.size();
        for (std::size_t row = r; row < at.n_rows; row += out.n_rows)
          for (std::size_t column = c; column < at.n_columns; column += out.n_columns) {
            const double weight = wavelet[row * at.n_columns + column];
            if (std::abs(weight) > kLeastWavelet * largest)
              more.push_back(term(from, row, column, r, scale * weight));
          }
        if (more.size() == begin) more.push_back(term(from, r, c, r, 0.0));
        first.push_back(more.back());
        more.pop_back();
      }
      ends.push_back(static_cast<std::uint32_t>(more.size()));
    }
    terms_.push_back(std::move(first));
    terms_.push_back(std::move(more));
    ends_.push_back(std::move(ends));
    return {terms_[terms_.size() - 2].data(), terms_.back().data(), ends_.back().data()};
  }

  const FilterBank& bank_;
  ScatteringProgram program_{};
  std::vector<Resolution> resolutions_;
  std::vector<Band> bands_;
  // Owners of arrays; these stay where they are when the outer vector grows.
  std::vector<std::vector<float>> floats_;
  std::vector<std::vector<LowWindow>> windows_;
  std::vector<std::vector<Term>> terms_;
  std::vector<std::vector<std::uint32_t>> ends_;
};

}  // namespace

std::size_t count_paths(std::size_t n_scales, std::size_t n_orientations, std::size_t order) {
  const std::size_t first = n_scales * n_orientations;
  const std::size_t pairs = n_scales * (n_scales - 1) / 2;
  return 1 + first + (order == 2 ? pairs * n_orientations * n_orientations : 0);
}

void scatter(const ImageStack& images, const FilterBank& bank, std::size_t order, int n_threads,
             float* out) {
  const Plan plan(images, bank, order);
  const ScatteringProgram& program = plan.program();
  const ScatteringKernel& kernel = scattering_kernel(current_level());
  const std::size_t image_size = images.height * images.width;
  const std::size_t row_length = program.n_paths * program.n_positions;
  std::vector<Aligned<float>> scratch(static_cast<std::size_t>(std::max(n_threads, 1)));
  for_blocks(images.n, kernel.lanes, n_threads, [&](std::size_t begin, std::size_t end, int worker) {
    Aligned<float>& own = scratch[static_cast<std::size_t>(worker)];
    own.resize(kernel.scratch_size(program));
    kernel.scatter(program, images.data + begin * image_size, end - begin, own.data(),
                   out + begin * row_length);
  });
}

}  // namespace inkmeans
