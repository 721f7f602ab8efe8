// For autograd functions whose backward pass is computed without a graph.
#pragma once

#include "error.h"

#include <c10/core/GradMode.h>

namespace hadal {

// First in `backward`: with createGraph, derivatives of its gradients would silently lack terms.
inline void goesBackOnce(const char* function, const char* instead) {
  if (c10::GradMode::is_enabled())
    throw Fault("argument",
                std::string(function) + " has no second derivative, so createGraph cannot go through it: " + instead);
}

}  // namespace hadal
