// Greedy k-means++ (Arthur and Vassilvitskii 2007), with the distances that cannot matter left out.
//
// A candidate changes a row only if it is nearer than the nearest row chosen so far. Bounds from
// sketches rule most candidates out; the rest are computed exactly: as integers for uint8, in float64
// otherwise.
#pragma once

#include <cstdint>

#include "memory.hpp"
#include "sketch.hpp"

namespace inkmeans {

struct Draws {
  const double* uniforms;  // [step][trial], in [0, 1)
  std::size_t n_trials;
};

// Chosen rows go to `chosen` (k); weights and directions may be null.
template <class T>
void kmeans_plusplus(Matrix<T> rows, std::size_t k, const double* weights, std::size_t first,
                     Draws draws, const Directions* directions, int n_threads, std::int64_t* chosen);

}  // namespace inkmeans
