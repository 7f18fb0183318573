#include "bindings/arrays.hpp"

namespace inkmeans {

void bind_scattering(nb::module_&) {}

}  // namespace inkmeans
