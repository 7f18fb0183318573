// Blocks of rows over threads. No thread outlives the call; the first exception is rethrown.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace inkmeans {

// Calls work(begin, end, worker) for consecutive blocks of [0, n). Which worker gets which block is
// not fixed, so results must not depend on it.
template <class Work>
void for_blocks(std::size_t n, std::size_t block, int n_threads, Work&& work) {
  const std::size_t n_blocks = (n + block - 1) / block;
  const std::size_t n_workers =
      std::min<std::size_t>(static_cast<std::size_t>(std::max(n_threads, 1)), n_blocks);
  if (n_workers <= 1) {
    for (std::size_t begin = 0; begin < n; begin += block) work(begin, std::min(begin + block, n), 0);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_lock;
  const auto run = [&](int worker) {
    try {
      for (std::size_t index = next++; index < n_blocks; index = next++)
        work(index * block, std::min((index + 1) * block, n), worker);
    } catch (...) {
      const std::lock_guard<std::mutex> hold(failure_lock);
      if (!failure) failure = std::current_exception();
      next = n_blocks;
    }
  };
  std::vector<std::thread> helpers;
  helpers.reserve(n_workers - 1);
  try {
    for (std::size_t worker = 1; worker < n_workers; ++worker)
      helpers.emplace_back(run, static_cast<int>(worker));
  } catch (...) {
    // The system has no more threads: those that started, and this one, do the work.
  }
  run(0);
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace inkmeans
