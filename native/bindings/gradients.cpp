#include "bindings/arrays.hpp"

namespace inkmeans {

void bind_gradients(nb::module_&) {}

}  // namespace inkmeans
