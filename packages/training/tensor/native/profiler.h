// Arbitrates between the memory counter and the profiler: libtorch has a single allocation observer.
#pragma once

#include <cstdint>

namespace hadal {

// Takes the counter off this thread; whether it was counting.
bool takeMemoryCounterOut();

// On this thread again. So many bytes more are held than when it was taken out, and at most so many more were.
void putMemoryCounterBack(int64_t more, int64_t most);

bool hasMemoryLimit();

}  // namespace hadal
