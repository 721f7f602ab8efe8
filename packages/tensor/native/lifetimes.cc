// Freeing: at once (scopes and dispose), or when JavaScript collects the token of a tensor that no scope owns. Also
// what is alive and how many bytes libtorch has allocated.

#include "convert.h"
#include "environment.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <atomic>

namespace hadal {

namespace {

// What a garbage-collected tensor leaves behind. Its finalizer runs inside the collection, so it may only touch memory.
struct Token {
  std::shared_ptr<Slab> slab;
  std::shared_ptr<int64_t> collectableBytes;
  Identity identity;
  int64_t bytes;
};

void finalizeToken(node_api_basic_env, void* data, void*) {
  const std::unique_ptr<Token> token(static_cast<Token*>(data));
  *token->collectableBytes -= token->bytes;
  token->slab->free(token->identity);
}

// V8 collects sooner when it knows of memory that a collection could free. Told in steps, since telling it takes time.
void reportBytes(napi_env env, Environment& environment) {
  constexpr int64_t kStep = 1 << 20;
  const int64_t change = *environment.collectableBytes - environment.reportedBytes;
  if (change < kStep && change > -kStep) return;
  environment.reportedBytes += change;
  int64_t adjusted;
  check(env, napi_adjust_external_memory(env, change, &adjusted));
}

// track(handle): a token; when it is collected, the tensor is freed if it still lives.
napi_value track(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments<1> args(env, info);
    Environment& environment = *args.environment;
    const int64_t bytes = ownedBytes(toTensor(env, *environment.slab, args[0]));
    const auto handle = static_cast<Handle>(toInteger(env, args[0]));
    auto token = std::make_unique<Token>(
        Token{environment.slab, environment.collectableBytes, environment.slab->identify(handle), bytes});
    napi_value out;
    check(env, napi_create_external(env, token.get(), finalizeToken, nullptr, &out));
    token.release();
    *environment.collectableBytes += bytes;
    reportBytes(env, environment);
    return out;
  });
}

napi_value freeOne(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const Arguments<1> args(env, info);
    args.environment->slab->free(static_cast<Handle>(toInteger(env, args[0])));
    return nullptr;
  });
}

// freeMany(Int32Array, count): the first `count` handles; stale ones are skipped.
napi_value freeMany(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const Arguments<2> args(env, info);
    napi_typedarray_type type;
    size_t length;
    void* data;
    check(env, napi_get_typedarray_info(env, args[0], &type, &length, &data, nullptr, nullptr));
    const int64_t count = toInteger(env, args[1]);
    if (type != napi_int32_array || count < 0 || static_cast<size_t>(count) > length)
      throw Fault("argument", "expected an Int32Array and a count within it");
    for (int64_t i = 0; i < count; i++) args.environment->slab->free(static_cast<const Handle*>(data)[i]);
    return nullptr;
  });
}

// live(): [handle, bytes, handle, bytes, ...]
napi_value live(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments<1> args(env, info);
    napi_value out;
    check(env, napi_create_array(env, &out));
    uint32_t i = 0;
    args.environment->slab->each([&](Handle handle, const at::Tensor& tensor) {
      check(env, napi_set_element(env, out, i++, toJs(env, handle)));
      check(env, napi_set_element(env, out, i++, toJs(env, static_cast<double>(ownedBytes(tensor)))));
    });
    return out;
  });
}

// Counts what libtorch's allocators hand out on the threads it is installed on. It sits where a profiler would, which
// is why profiling has to take it out first. One for the process: memory has no owner among threads.
struct MemoryCounter final : c10::MemoryReportingInfoBase {
  std::atomic<int64_t> current{0};
  std::atomic<int64_t> peak{0};

  void reportMemoryUsage(void*, int64_t change, size_t, size_t, c10::Device) override {
    const int64_t now = current.fetch_add(change) + change;
    int64_t seen = peak.load();
    while (now > seen && !peak.compare_exchange_weak(seen, now)) {
    }
  }
  void reportOutOfMemory(int64_t, size_t, size_t, c10::Device) override {}
  bool memoryProfilingEnabled() const override { return true; }
};

std::shared_ptr<MemoryCounter>& memoryCounter() {
  static auto* counter = new std::shared_ptr<MemoryCounter>(std::make_shared<MemoryCounter>());
  return *counter;
}

// memory(): [current bytes, peak bytes, live tensors]
napi_value memory(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments<1> args(env, info);
    const MemoryCounter& counter = *memoryCounter();
    const double numbers[] = {static_cast<double>(counter.current.load()), static_cast<double>(counter.peak.load()),
                              static_cast<double>(args.environment->slab->live())};
    napi_value out;
    check(env, napi_create_array_with_length(env, 3, &out));
    for (uint32_t i = 0; i < 3; i++) check(env, napi_set_element(env, out, i, toJs(env, numbers[i])));
    return out;
  });
}

napi_value resetPeakMemory(napi_env env, napi_callback_info) {
  return guarded(env, [&]() -> napi_value {
    memoryCounter()->peak.store(memoryCounter()->current.load());
    return nullptr;
  });
}

}  // namespace

void exportLifetimes(napi_env env, napi_value exports, Environment* environment) {
  c10::ThreadLocalDebugInfo::_push(c10::DebugInfoKind::PROFILER_STATE, memoryCounter());
  exportAll(env, exports, environment,
            {{"track", track},
             {"free", freeOne},
             {"freeMany", freeMany},
             {"live", live},
             {"memory", memory},
             {"resetPeakMemory", resetPeakMemory}});
}

}  // namespace hadal
