// Centroids in an order that puts similar ones side by side.
#pragma once

#include <cstdint>
#include <vector>

#include "memory.hpp"

namespace inkmeans {

// Order of the rows such that each run of `group_size` is alike: halved again and again along the
// widest column, at multiples of the size. The same rows give the same order.
std::vector<std::int32_t> order_by_similarity(Matrix<double> rows, std::size_t group_size);

}  // namespace inkmeans
