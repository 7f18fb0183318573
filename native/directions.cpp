#include "directions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "simd/tile.hpp"

namespace inkmeans {
namespace {

constexpr std::size_t kSample = 512;
constexpr int kRounds = 3;

// A float matrix with rows padded to what the tiles read.
struct Padded {
  Padded(std::size_t rows, std::size_t columns)
      : n_rows(rows), n_columns(columns), stride(round_up(columns, kRowMultiple)), values(rows * stride, 0.0F) {}
  float* row(std::size_t i) { return values.data() + i * stride; }
  const float* row(std::size_t i) const { return values.data() + i * stride; }
  std::size_t n_rows, n_columns, stride;
  Aligned<float> values;
};

Padded transpose(const Padded& matrix) {
  Padded turned(matrix.n_columns, matrix.n_rows);
  for (std::size_t i = 0; i < matrix.n_rows; ++i)
    for (std::size_t j = 0; j < matrix.n_columns; ++j) turned.row(j)[i] = matrix.row(i)[j];
  return turned;
}

// left (a, b) times right (b, c).
Padded multiply(const Padded& left, const Padded& right) {
  Padded product(left.n_rows, right.n_columns);
  const float* rows[4];
  for (std::size_t first = 0; first < left.n_rows; first += 4) {
    const std::size_t count = std::min<std::size_t>(4, left.n_rows - first);
    for (std::size_t r = 0; r < count; ++r) rows[r] = left.row(first + r);
    tiles().dots_f32(rows, count, right.values.data(), left.n_columns, right.stride, product.row(first));
  }
  return product;
}

float dot(const float* a, const float* b, std::size_t length) {
  float sum;
  tiles().pair_dots_f32(a, &b, 1, length, &sum);
  return sum;
}

// Rows become orthonormal, to those before `begin` too, each made so twice over (Giraud et al. 2005); what is left of a row that
// depends on those before it becomes zero.
void orthonormalise(Padded& rows, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    float* row = rows.row(i);
    const float before = std::sqrt(dot(row, row, rows.stride));
    for (int round = 0; round < 2; ++round)
      for (std::size_t j = 0; j < i; ++j) {
        const float* other = rows.row(j);
        const float along = dot(row, other, rows.stride);
        for (std::size_t l = 0; l < rows.stride; ++l) row[l] -= along * other[l];
      }
    const float length = std::sqrt(dot(row, row, rows.stride));
    const float scale = length > 1e-5F * before && std::isfinite(length) ? 1 / length : 0.0F;
    for (std::size_t l = 0; l < rows.stride; ++l) row[l] = scale > 0 ? row[l] * scale : 0.0F;
  }
}

void iterate(const Padded& sample, Padded& basis, std::size_t begin, std::size_t end) {
  Padded part(end - begin, basis.n_columns);
  for (int round = 0; round < kRounds; ++round) {
    std::copy(basis.row(begin), basis.row(begin) + part.values.size(), part.values.begin());
    part = multiply(transpose(multiply(sample, transpose(part))), sample);
    std::copy(part.values.begin(), part.values.end(), basis.row(begin));
    orthonormalise(basis, begin, end);
  }
}

// Uniform in [-1, 1): splitmix64, the same everywhere.
float next_uniform(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t bits = state;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<float>((bits ^ (bits >> 31)) >> 40) / (1 << 23) - 1;
}

}  // namespace

template <class T>
ChosenDirections choose_directions(Matrix<T> rows, std::size_t n_directions) {
  const std::size_t d = rows.n_columns, stride = std::max<std::size_t>(1, rows.n_rows / kSample);
  const std::size_t n = rows.n_rows == 0 ? 0 : (rows.n_rows - 1) / stride + 1;
  ChosenDirections chosen{std::vector<double>(n_directions * d, 0.0), std::vector<double>(d, 0.0)};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < d; ++l) chosen.center[l] += static_cast<double>(rows.row(i * stride)[l]);
  for (double& value : chosen.center) value /= static_cast<double>(std::max<std::size_t>(n, 1));
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < d; ++l)
      largest = std::max(largest, std::abs(static_cast<double>(rows.row(i * stride)[l]) - chosen.center[l]));
  if (!(largest > 0) || !std::isfinite(largest)) return chosen;
  Padded sample(n, d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < d; ++l)
      sample.row(i)[l] =
          static_cast<float>((static_cast<double>(rows.row(i * stride)[l]) - chosen.center[l]) / largest);
  Padded basis(n_directions, d);
  std::uint64_t state = 0;
  for (std::size_t p = 0; p < n_directions; ++p)
    for (std::size_t l = 0; l < d; ++l) basis.row(p)[l] = next_uniform(state);
  // In two halves, so that the first of them alone holds the widest directions.
  const std::size_t half = n_directions / 2;
  iterate(sample, basis, 0, half);
  iterate(sample, basis, half, n_directions);
  for (std::size_t p = 0; p < n_directions; ++p)
    std::copy(basis.row(p), basis.row(p) + d, chosen.basis.begin() + static_cast<std::ptrdiff_t>(p * d));
  return chosen;
}

template ChosenDirections choose_directions(Matrix<std::uint8_t>, std::size_t);
template ChosenDirections choose_directions(Matrix<float>, std::size_t);
template ChosenDirections choose_directions(Matrix<double>, std::size_t);

}  // namespace inkmeans
