// The image deformation distance against its definition, pixel by pixel.
#include "deformation.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "checks/check.hpp"

namespace inkmeans {
namespace {

using Index = std::ptrdiff_t;

struct Problem {
  Size size;
  std::size_t warp, context, n_queries, n_targets, places;
  std::vector<std::int8_t> queries, targets;
  std::vector<std::int32_t> lists;

  Gradients view(const std::vector<std::int8_t>& pixels, std::size_t n) const { return {pixels.data(), n, size}; }
};

// Gradients up to the largest, in a part of each image only, or in none.
std::vector<std::int8_t> random_gradients(std::size_t n, Size size, std::size_t context) {
  const double most = largest_gradient(context);
  std::vector<std::int8_t> pixels(n * size.height * size.width * 2, 0);
  const std::size_t thinning = uniform(1, 9);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t top = uniform(0, size.height), left = uniform(0, size.width);
    for (std::size_t y = top; y < size.height; ++y)
      for (std::size_t x = left; x < size.width; ++x)
        if (uniform(1, thinning) == 1) {
          const auto gradient = random_values<std::int8_t>(2, -most, most + 1);
          std::copy(gradient.begin(), gradient.end(),
                    pixels.begin() + static_cast<Index>(((i * size.height + y) * size.width + x) * 2));
        }
  }
  return pixels;
}

Problem random_problem(bool same) {
  Problem made{};
  made.size = {uniform(1, 14), uniform(1, 14)};
  made.warp = uniform(0, 4);
  made.context = uniform(0, 2);
  made.n_targets = uniform(1, 40);
  made.n_queries = same ? made.n_targets : uniform(1, 4);
  made.places = uniform(1, same ? 4 : 40);
  made.targets = random_gradients(made.n_targets, made.size, made.context);
  made.queries = same ? made.targets : random_gradients(made.n_queries, made.size, made.context);
  made.lists = random_values<std::int32_t>(made.n_queries * made.places, 0, static_cast<double>(made.n_targets));
  return made;
}

std::array<int, 2> pixel(const Gradients& images, std::size_t image, Index y, Index x) {
  if (y < 0 || x < 0 || y >= static_cast<Index>(images.size.height) || x >= static_cast<Index>(images.size.width))
    return {0, 0};
  const std::int8_t* at = images.row(image, static_cast<std::size_t>(y)) + 2 * x;
  return {at[0], at[1]};
}

std::int64_t plain_forward(const Problem& problem, const Gradients& own, std::size_t i, const Gradients& other,
                           std::size_t j) {
  const auto warp = static_cast<Index>(problem.warp), context = static_cast<Index>(problem.context);
  std::int64_t total = 0;
  for (Index y = -context; y < static_cast<Index>(problem.size.height) + context; ++y)
    for (Index x = -context; x < static_cast<Index>(problem.size.width) + context; ++x) {
      int least = std::numeric_limits<int>::max();
      for (Index down = -warp; down <= warp; ++down)
        for (Index across = -warp; across <= warp; ++across) {
          int sum = 0;
          for (Index v = -context; v <= context; ++v)
            for (Index w = -context; w <= context; ++w) {
              const auto a = pixel(own, i, y + v, x + w), b = pixel(other, j, y + v + down, x + w + across);
              sum += (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
            }
          least = std::min(least, sum);
        }
      total += least;
    }
  return total;
}

void check_distances(bool same, Check& check) {
  const Problem problem = random_problem(same);
  const Gradients queries = problem.view(problem.queries, problem.n_queries);
  const Gradients targets = problem.view(problem.targets, problem.n_targets);
  const DeformationComparer comparer(queries, same ? queries : targets, same, problem.warp, problem.context);
  std::vector<std::int64_t> forward(problem.lists.size()), backward(problem.lists.size());
  const Shortlists lists{problem.lists.data(), problem.places};
  const std::size_t middle = uniform(0, problem.n_queries);
  const int n_threads = static_cast<int>(uniform(1, 3));
  comparer.compare(lists, 0, middle, n_threads, {forward.data(), backward.data()});
  comparer.compare(lists, middle, problem.n_queries, n_threads, {forward.data(), backward.data()});
  bool equal = true;
  for (std::size_t at = 0; at < problem.lists.size(); ++at) {
    const std::size_t query = at / problem.places, target = static_cast<std::size_t>(problem.lists[at]);
    equal = equal && forward[at] == plain_forward(problem, queries, query, targets, target) &&
            backward[at] == plain_forward(problem, targets, target, queries, query);
  }
  check.expect(equal, same ? "distances of images among themselves" : "distances of queries");
}

}  // namespace

void check_deformation(const std::string& level, int n_cases) {
  Check check(level + " deformation");
  for (int i = 0; i < n_cases; ++i) check_distances(i % 2 == 0, check);
}

}  // namespace inkmeans
