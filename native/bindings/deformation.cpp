#include "bindings/arrays.hpp"

namespace inkmeans {

void bind_deformation(nb::module_&) {}

}  // namespace inkmeans
