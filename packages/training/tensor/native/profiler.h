// Where the counter of memory and the profiler take turns: libtorch has one place for who hears of allocations.
#pragma once

#include <cstdint>

namespace hadal {

// Takes the counter off this thread; whether it was counting.
bool takeMemoryCounterOut();

// On this thread again. So many bytes more are held than when it was taken out, and at the most so many more were.
void putMemoryCounterBack(int64_t more, int64_t most);

bool hasMemoryLimit();

}  // namespace hadal
