// libtorch's allocators: counted, optionally limited, and trimmed on request.

#include "environment.h"
#include "js.h"
#include "profiler.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>
#include <c10/util/Flags.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <atomic>

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#if defined(HADAL_CUDA) && __has_include(<cuda_runtime_api.h>)
#include <c10/cuda/CUDACachingAllocator.h>
#define HADAL_CUDA_ALLOCATOR
#endif

C10_DECLARE_int(caffe2_log_level);

namespace hadal {

namespace {

// Counts what is handed out on the threads it is installed on. It sits where a profiler would, which is why profiling
// takes it out first (profiler.cc). One for the process: memory has no owner among threads. Off until it is asked for, because
// libtorch then takes a lock and a table entry for every allocation.
struct MemoryCounter final : c10::MemoryReportingInfoBase {
  std::atomic<bool> on{false};
  std::atomic<int64_t> current{0};
  std::atomic<int64_t> peak{0};
  // The same since it was last taken.
  std::atomic<int64_t> recent{0};
  // 0: none.
  std::atomic<int64_t> limit{0};

  void reportMemoryUsage(void* data, int64_t change, size_t, size_t, c10::Device device) override {
    const int64_t now = current.fetch_add(change) + change;
    const int64_t most = limit.load(std::memory_order_relaxed);
    if (change > 0 && most > 0 && now > most && device.is_cpu()) refuse(data, change, now - change, most);
    raise(now);
  }
  void reportOutOfMemory(int64_t, size_t, size_t, c10::Device) override {}
  bool memoryProfilingEnabled() const override { return on.load(std::memory_order_relaxed); }

  void raise(int64_t now) {
    for (std::atomic<int64_t>* most : {&peak, &recent}) {
      int64_t seen = most->load();
      while (now > seen && !most->compare_exchange_weak(seen, now)) {
      }
    }
  }

 private:
  // Nobody owns the memory yet when it is reported: who throws has to free it.
  void refuse(void* data, int64_t asked, int64_t held, int64_t most) {
    current.fetch_sub(asked);
    c10::free_cpu(data);
    C10_THROW_ERROR(OutOfMemoryError, "the limit is " + std::to_string(most) + " bytes, of which " +
                                          std::to_string(held) + " are held: you tried to allocate " +
                                          std::to_string(asked) + " bytes.");
  }
};

std::shared_ptr<MemoryCounter>& memoryCounter() {
  static auto* counter = new std::shared_ptr<MemoryCounter>(std::make_shared<MemoryCounter>());
  return *counter;
}

// libtorch would log that it frees memory it did not see allocated: errors only.
void quiet() { FLAGS_caffe2_log_level = std::max(FLAGS_caffe2_log_level, 2); }

// The counter, counting: from the first time on, beginning with what this thread's tensors hold.
MemoryCounter& counting(const Slab& slab) {
  MemoryCounter& counter = *memoryCounter();
  if (!counter.on.exchange(true)) {
    quiet();
    int64_t held = 0;
    slab.each([&](Handle, const at::Tensor& tensor) { held += ownedBytes(tensor); });
    counter.raise(counter.current.fetch_add(held) + held);
  }
  return counter;
}

napi_value toArray(napi_env env, std::initializer_list<double> numbers) {
  napi_value out;
  check(env, napi_create_array_with_length(env, numbers.size(), &out));
  uint32_t i = 0;
  for (const double number : numbers) check(env, napi_set_element(env, out, i++, toJs(env, number)));
  return out;
}

// memory(): [current bytes, peak bytes, live tensors]
napi_value memory(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    const Slab& slab = *args.environment->slab;
    const MemoryCounter& counter = counting(slab);
    return toArray(env, {static_cast<double>(counter.current.load()), static_cast<double>(counter.peak.load()),
                         static_cast<double>(slab.live())});
  });
}

napi_value resetPeakMemory(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    MemoryCounter& counter = counting(*args.environment->slab);
    counter.peak.store(counter.current.load());
    return nullptr;
  });
}

// takePeakMemory(): the most bytes since its last call
napi_value takePeakMemory(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    MemoryCounter& counter = counting(*args.environment->slab);
    return toJs(env, static_cast<double>(counter.recent.exchange(counter.current.load())));
  });
}

// setMemoryLimit(bytes): the one before; 0 for none.
napi_value setMemoryLimit(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    const int64_t bytes = toInteger(env, args[0]);
    if (bytes < 0) throw Fault("argument", "the limit must be at least 0 bytes");
    return toJs(env, static_cast<double>(counting(*args.environment->slab).limit.exchange(bytes)));
  });
}

// allocatorState(): [bytes in use, bytes free but held, the same on GPUs]
napi_value allocatorState(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    double inUse = 0, free = 0, gpuInUse = 0, gpuFree = 0;
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    const struct mallinfo2 state = mallinfo2();
    inUse = static_cast<double>(state.uordblks) + static_cast<double>(state.hblkhd);
    free = static_cast<double>(state.fordblks);
#endif
#ifdef HADAL_CUDA_ALLOCATOR
    using namespace c10::cuda::CUDACachingAllocator;
    // StatType::AGGREGATE, whose namespace is not the same in all versions.
    constexpr size_t all = 0;
    for (c10::DeviceIndex device = 0; device < c10::cuda::device_count(); device++) {
      if (!get()->initialized()) break;
      const auto stats = getDeviceStats(device);
      gpuInUse += static_cast<double>(stats.allocated_bytes[all].current);
      gpuFree += static_cast<double>(stats.reserved_bytes[all].current - stats.allocated_bytes[all].current);
    }
#endif
    return toArray(env, {inUse, free, gpuInUse, gpuFree});
  });
}

napi_value emptyCache(napi_env env, napi_callback_info) {
  return guarded(env, [&]() -> napi_value {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
#ifdef HADAL_CUDA_ALLOCATOR
    if (c10::cuda::CUDACachingAllocator::get()->initialized()) c10::cuda::CUDACachingAllocator::emptyCache();
#endif
    return nullptr;
  });
}

}  // namespace

bool takeMemoryCounterOut() {
  quiet();
  c10::ThreadLocalDebugInfo::_pop(c10::DebugInfoKind::PROFILER_STATE);
  return memoryCounter()->on.load();
}

void putMemoryCounterBack(int64_t more, int64_t most) {
  MemoryCounter& counter = *memoryCounter();
  counter.raise(counter.current.load() + most);
  counter.raise(counter.current.fetch_add(more) + more);
  c10::ThreadLocalDebugInfo::_push(c10::DebugInfoKind::PROFILER_STATE, memoryCounter());
}

bool hasMemoryLimit() { return memoryCounter()->limit.load() > 0; }

void exportAllocator(napi_env env, napi_value exports, Environment* environment) {
  c10::ThreadLocalDebugInfo::_push(c10::DebugInfoKind::PROFILER_STATE, memoryCounter());
  exportAll(env, exports, environment,
            {{"memory", memory},
             {"resetPeakMemory", resetPeakMemory},
             {"takePeakMemory", takePeakMemory},
             {"setMemoryLimit", setMemoryLimit},
             {"allocatorState", allocatorState},
             {"emptyCache", emptyCache}});
}

}  // namespace hadal
