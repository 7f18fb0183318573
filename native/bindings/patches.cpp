#include "bindings/arrays.hpp"

namespace inkmeans {

void bind_patches(nb::module_&) {}

}  // namespace inkmeans
