// The widest directions of a sample of the rows, roughly: what sketches are made along.
#pragma once

#include <vector>

#include "memory.hpp"

namespace inkmeans {

struct ChosenDirections {
  std::vector<double> basis;   // (n_directions, d), orthonormal, the widest about first
  std::vector<double> center;  // (d,), the mean of the sample
};

// Subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4) in float32, from a fixed start:
// the same rows give the same directions on one instruction set. Rows that are all equal, or not
// finite, give directions of zeros.
template <class T>
ChosenDirections choose_directions(Matrix<T> rows, std::size_t n_directions);

}  // namespace inkmeans
