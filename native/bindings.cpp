// The Python module: what there is of kernels, file by file, and which instruction set runs them.
#include "bindings/arrays.hpp"
#include "simd/level.hpp"

namespace inkmeans {

NB_MODULE(_native, module) {
  module.doc() = "The kernels in C++, which inkmeans.engine calls.";
  bind_deformation(module);
  bind_gradients(module);
  bind_kmeans(module);
  bind_patches(module);
  bind_scattering(module);
  bind_shifting(module);
  module.def("available_levels", [] {
    std::vector<std::string> names;
    for (Level level : available_levels()) names.emplace_back(level_name(level));
    return names;
  });
  module.def("level", [] { return std::string(level_name(current_level())); });
  module.def("force_level", &force_level, "name"_a);
}

}  // namespace inkmeans
