// Exact nearest rows of each query, by comparing it with all.
#pragma once

#include <cstdint>
#include <functional>

#include "memory.hpp"
#include "sketch.hpp"

namespace inkmeans {

// Told, on the calling thread, how many queries are done; may be empty, may throw.
using Report = std::function<void(std::size_t)>;

// Results are [query][neighbour], nearest first, of equal ones the first row; distances are squared.
// Directions may be null. Distances are exact integers.
void nearest_neighbors(Matrix<std::uint8_t> queries, Matrix<std::uint8_t> rows, std::size_t n_neighbors,
                       const Directions* directions, int n_threads, const Report& report, std::int32_t* indices,
                       double* distances);

// Distances are summed in float64 over the differences.
template <class T>
void nearest_neighbors(Matrix<T> queries, Matrix<T> rows, std::size_t n_neighbors, const Directions* directions,
                       int n_threads, const Report& report, std::int32_t* indices, double* distances);

}  // namespace inkmeans
