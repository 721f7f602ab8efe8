// Preconditions that a few libtorch operators assume, and crash without.
#pragma once

#include <ATen/core/stack.h>

#include <string>

namespace hadal {

// Throws Fault("argument") when the arguments break it.
using Rule = void (*)(const torch::jit::Stack&);

// Null for almost all operators.
Rule ruleFor(const std::string& name);

}  // namespace hadal
