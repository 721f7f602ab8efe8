// libtorch's profiler (Kineto) on the JavaScript thread, and named ranges in its recording.

#include "profiler.h"
#include "environment.h"
#include "js.h"

#include <ATen/record_function.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hadal {

namespace {

namespace kineto = torch::autograd::profiler;
using torch::profiler::impl::ActivityType;
using torch::profiler::impl::ProfilerConfig;
using torch::profiler::impl::ProfilerState;

// Of this thread, as the profiler is.
struct Profiling {
  bool on = false;
  // Whether the counter of memory was counting, and wants to know what it missed.
  bool counting = false;
  double nextRange = 1;
  std::unordered_map<double, std::unique_ptr<at::RecordFunction>> ranges;
};

Profiling& profiling() {
  static thread_local Profiling state;
  return state;
}

std::set<ActivityType> activities() {
  std::set<ActivityType> all{ActivityType::CPU};
#ifdef HADAL_CUDA
  if (at::globalContext().hasCUDA()) all.insert(ActivityType::CUDA);
#endif
  return all;
}

// What the tensors of the CPU came to while the profiler counted in the counter's place: [bytes more, the most more].
std::pair<int64_t, int64_t> allocated(const kineto::ProfilerResult& result) {
  std::vector<std::pair<uint64_t, int64_t>> changes;
  for (const auto& event : result.events())
    if (event.deviceType() == c10::DeviceType::CPU && event.nBytes() != 0) changes.emplace_back(event.startNs(), event.nBytes());
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  int64_t now = 0, most = 0;
  for (const auto& [_, bytes] : changes) {
    now += bytes;
    most = std::max(most, now);
  }
  return {now, most};
}

// startProfiler(memory, shapes)
napi_value startProfiler(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<2> args(env, info);
    Profiling& state = profiling();
    if (state.on) throw Fault("profiler", "it is on already");
    if (hasMemoryLimit())
      throw Fault("profiler", "it would take the place of what holds the memory limit: take the limit away first (setMemoryLimit)");
    const bool shapes = toBoolean(env, args[1]);
    state.counting = takeMemoryCounterOut();
    const ProfilerConfig config(ProfilerState::KINETO, shapes, state.counting || toBoolean(env, args[0]));
    try {
      kineto::prepareProfiler(config, activities());
      kineto::enableProfiler(config, activities(), {});
    } catch (...) {
      putMemoryCounterBack(0, 0);
      throw;
    }
    state.on = true;
    return nullptr;
  });
}

// stopProfiler(path): writes a Chrome trace, or nothing to ''. Everything is as before it started, also where it cannot be written.
napi_value stopProfiler(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    Profiling& state = profiling();
    if (!state.on) throw Fault("profiler", "it is not on");
    const std::string path = toString(env, args[0]);
    state.ranges.clear();
    state.on = false;
    std::unique_ptr<kineto::ProfilerResult> result;
    try {
      result = kineto::disableProfiler();
    } catch (...) {
      putMemoryCounterBack(0, 0);
      throw;
    }
    const auto [more, most] = state.counting ? allocated(*result) : std::pair<int64_t, int64_t>{};
    putMemoryCounterBack(more, most);
    if (!path.empty()) result->save(path);
    return nullptr;
  });
}

// beginRange(name): what endRange takes
napi_value beginRange(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    Profiling& state = profiling();
    auto range = std::make_unique<at::RecordFunction>(at::RecordScope::USER_SCOPE);
    if (range->isActive()) range->before(toString(env, args[0]));
    const double id = state.nextRange++;
    state.ranges.emplace(id, std::move(range));
    return toJs(env, id);
  });
}

// Ranges that ended with the profiler are unknown, and no trouble.
napi_value endRange(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    profiling().ranges.erase(static_cast<double>(toInteger(env, args[0])));
    return nullptr;
  });
}

}  // namespace

void exportProfiler(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"startProfiler", startProfiler},
             {"stopProfiler", stopProfiler},
             {"beginRange", beginRange},
             {"endRange", endRange}});
}

}  // namespace hadal
