// One-shot work on rows and centroids: assignment, distances, sums.
#pragma once

#include <cstdint>
#include <vector>

#include "codebook.hpp"
#include "sketch.hpp"

namespace inkmeans {

// Nearest centroid of each row; directions may be null.
template <class T>
void assign(Matrix<T> rows, Matrix<double> centroids, const Directions* directions,
            std::size_t sketch_length, int n_threads, std::int32_t* labels);

// Squared distance of each row to the centroid of its label, in float64.
template <class T>
void assigned_distances(Matrix<T> rows, const std::int32_t* labels, Matrix<double> centroids,
                        int n_threads, double* out);

// Sets the sums and counts of the affected clusters to those of their rows. Rows are added in order,
// columns are shared out between threads, so that the result does not depend on them.
template <class T, class Sum>
void add_up(Matrix<T> rows, const std::int32_t* labels, const double* weights, int n_threads,
            const std::vector<char>& affected, Sum* sums, double* counts);

}  // namespace inkmeans
