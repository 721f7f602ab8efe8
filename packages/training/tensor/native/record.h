// Reports our own operators, which the dispatcher does not know, to the profiler. Negligible cost while no profiler is on.
#pragma once

#include <ATen/SequenceNumber.h>
#include <ATen/record_function.h>

// First in the `forward` of an autograd function, whose node has taken its number already: so its backward pass is found.
#define HADAL_RECORD(name, ...)                                       \
  RECORD_FUNCTION(name, std::vector<c10::IValue>({__VA_ARGS__}), \
                  static_cast<int64_t>(at::sequence_number::peek()) - 1)
