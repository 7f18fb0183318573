// What bindings share: views of NumPy arrays, new arrays, checks that sizes fit.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <stdexcept>

#include "memory.hpp"

namespace inkmeans {

namespace nb = nanobind;
using namespace nb::literals;

template <class T, class... Shape>
using In = nb::ndarray<const T, nb::numpy, nb::c_contig, nb::device::cpu, Shape...>;
template <class T>
using InMatrix = In<T, nb::ndim<2>>;
template <class T>
using InVector = In<T, nb::ndim<1>>;
template <class T>
using Out = nb::ndarray<T, nb::numpy>;

template <class T>
Matrix<T> view(const InMatrix<T>& array) {
  return {array.data(), array.shape(0), array.shape(1)};
}

template <class T>
Out<T> make(std::initializer_list<std::size_t> shape) {
  std::size_t size = 1;
  for (std::size_t extent : shape) size *= extent;
  auto data = std::make_unique<T[]>(size);
  nb::capsule owner(data.get(), [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return Out<T>(data.release(), shape, owner);
}

// Throws what Python sees as a ValueError.
inline void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

// One function a file of this folder.
void bind_deformation(nb::module_& module);
void bind_gradients(nb::module_& module);
void bind_kmeans(nb::module_& module);
void bind_patches(nb::module_& module);
void bind_scattering(nb::module_& module);
void bind_shifting(nb::module_& module);

}  // namespace inkmeans
