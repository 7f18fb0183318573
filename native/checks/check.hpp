// What the checks share: random numbers, and a line of output a check.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace inkmeans {

// Counts one check, made of many comparisons; prints its result, and what failed first.
class Check {
 public:
  explicit Check(std::string name) : name_(std::move(name)) {}
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;
  ~Check();
  void expect(bool holds, const char* what);

  static int n_checks, n_failures;

 private:
  std::string name_;
  int comparisons_ = 0, failures_ = 0;
};

inline std::mt19937_64 generator;

inline std::size_t uniform(std::size_t least, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(least, most)(generator);
}

// Whole numbers from `least` up to but not including `most`.
template <class T>
std::vector<T> random_values(std::size_t n, double least, double most) {
  std::vector<T> values(n);
  for (T& value : values)
    value = static_cast<T>(std::floor(std::uniform_real_distribution<>(least, most)(generator)));
  return values;
}

// The tiles of the level in use against those in plain C++.
void check_tiles(const std::string& level, int n_cases);

// The drivers on the level in use against plain loops.
void check_drivers(const std::string& level, int n_cases);

// The image deformation distance on the level in use against its definition.
void check_deformation(const std::string& level, int n_cases);

// Scattering on the level in use against its definition.
void check_scattering(const std::string& level, int n_cases);

// Oriented gradients and patch features on the level in use against loops over pixels.
void check_features(const std::string& level, int n_cases);

}  // namespace inkmeans
