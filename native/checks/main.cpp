// A program without Python that compares the kernels with plain loops, on every instruction set that
// this processor has: for sanitizers, emulators and new machines. Its argument is the number of random
// cases of each kind (default 40); it prints a line a check and returns 1 if any fails.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "checks/check.hpp"
#include "simd/tile.hpp"
#include "threads.hpp"

namespace inkmeans {

int Check::n_checks = 0, Check::n_failures = 0;

Check::~Check() {
  ++n_checks;
  n_failures += failures_ > 0;
  std::printf("%-6s %s (%d comparisons)\n", failures_ > 0 ? "FAILED" : "ok", name_.c_str(), comparisons_);
  std::fflush(stdout);
}

void Check::expect(bool holds, const char* what) {
  ++comparisons_;
  if (!holds && ++failures_ <= 3) std::printf("       %s: %s\n", name_.c_str(), what);
}

namespace {

void check_each_block_once(int n_threads, Check& check) {
  for (const std::size_t n : {0, 1, 1000}) {
    std::vector<std::atomic<int>> visits(n);
    std::atomic<bool> numbered{true};
    for_blocks(n, 16, n_threads, [&](std::size_t begin, std::size_t end, int worker) {
      if (worker < 0 || worker >= n_threads) numbered = false;
      for (std::size_t i = begin; i < end; ++i) ++visits[i];
    });
    bool once = numbered;
    for (const auto& count : visits) once = once && count == 1;
    check.expect(once, "each item once, by a worker with a number");
  }
}

// One of the blocks throws, or all of them, while others are still at work.
void check_exceptions(int n_threads, Check& check) {
  constexpr std::size_t n_blocks = 8;
  for (std::size_t failing = 0; failing <= n_blocks; ++failing) {
    std::atomic<int> running{0};
    bool caught = false;
    try {
      for_blocks(n_blocks, 1, n_threads, [&](std::size_t begin, std::size_t, int) {
        ++running;
        if (begin != failing) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        --running;
        if (begin == failing || failing == n_blocks) throw std::bad_alloc();
      });
    } catch (const std::bad_alloc&) {
      caught = true;
    }
    check.expect(caught, "bad_alloc of a worker is rethrown");
    check.expect(running == 0, "no worker outlives the call");
  }
}

void check_levels(Check& check) {
  check.expect(available_levels().front() == Level::portable, "portable is always there");
  check.expect(current_level() == available_levels().back(), "the fastest level is taken");
  bool refused = false;
  try {
    force_level("abacus");
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  check.expect(refused && current_level() == available_levels().back(), "an unknown level is refused");
}

int run(int n_cases) {
  for (const int n_threads : {1, 2, 7}) {
    Check check("threads: " + std::to_string(n_threads));
    check_each_block_once(n_threads, check);
    check_exceptions(n_threads, check);
  }
  { Check check("levels"); check_levels(check); }
  for (const Level level : available_levels()) {
    force_level(level_name(level));
    check_tiles(level_name(level), 5 * n_cases);
    check_drivers(level_name(level), n_cases);
    check_deformation(level_name(level), n_cases);
    check_scattering(level_name(level), n_cases);
    check_features(level_name(level), n_cases);
  }
  std::printf("%d checks, %d failed\n", Check::n_checks, Check::n_failures);
  return Check::n_failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace inkmeans

int main(int argc, char** argv) {
  const int n_cases = argc > 1 ? std::atoi(argv[1]) : 40;
  if (n_cases < 1) {
    std::fputs("usage: inkmeans_checks [number of random cases of each kind]\n", stderr);
    return 2;
  }
  return inkmeans::run(n_cases);
}
