// Views of the caller's arrays, and our own arrays aligned for the tiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace inkmeans {

template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }
  bool operator==(const AlignedAllocator&) const noexcept { return true; }
  bool operator!=(const AlignedAllocator&) const noexcept { return false; }
};

template <class T>
using Aligned = std::vector<T, AlignedAllocator<T>>;

// A C-contiguous matrix that somebody else owns.
template <class T>
struct Matrix {
  const T* data;
  std::size_t n_rows;
  std::size_t n_columns;

  const T* row(std::size_t i) const { return data + i * n_columns; }
};

// Asks for the cache lines of a row that will be read soon.
template <class T>
inline void prefetch(const T* row, std::size_t length) {
#if defined(__GNUC__)
  for (std::size_t i = 0; i < length; i += 64 / sizeof(T)) __builtin_prefetch(row + i);
#else
  static_cast<void>(row);
  static_cast<void>(length);
#endif
}

inline std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace inkmeans
