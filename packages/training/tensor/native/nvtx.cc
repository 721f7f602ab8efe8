// NVTX, NVIDIA's API for a program to report its activity to an attached tool. NVTX has no library: a program has a table of empty
// functions, and an injected tool (path in NVTX_INJECTION64_PATH) fills it. This is that table, laid out as in nvtx3's nvtxTypes.h,
// so that the addon compiles without CUDA's headers; without a tool it costs one test.

#include "environment.h"
#include "js.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <string>

namespace hadal {

namespace {

using Function = void (*)();

// NvtxCallbackModule: core, CUDA, OpenCL, CUDA runtime, core 2, sync. Of each, NVTX_CBID_..._SIZE: the first place is never used.
constexpr std::array<unsigned, 7> kSizes = {0, 16, 9, 15, 7, 16, 7};
constexpr unsigned kMost = 16;
constexpr int kCore = 1;
// NvtxCallbackIdCore, with messages in UTF-8.
constexpr int kMark = 2;
constexpr int kRangePush = 9;
constexpr int kRangePop = 11;

// What a tool fills, and where it finds each place.
Function functions[kSizes.size()][kMost];
Function* table[kSizes.size()][kMost + 1];

// NvtxExportTableCallbacks.
struct Callbacks {
  size_t size;
  int (*functionTable)(int module, Function*** out, unsigned* size);
};
// NvtxExportTableVersionInfo.
struct VersionInfo {
  size_t size;
  uint32_t version;
  uint32_t reserved;
  void (*setToolVersion)(uint32_t version);
};

int functionTable(int module, Function*** out, unsigned* size) {
  if (module < kCore || module >= static_cast<int>(kSizes.size())) return 0;
  if (size) *size = kSizes[module];
  if (out) *out = table[module];
  return 1;
}

// NvtxExportTableID: what a tool asks for.
const void* exportTable(uint32_t id) {
  static const Callbacks callbacks = {sizeof(Callbacks), functionTable};
  static const VersionInfo version = {sizeof(VersionInfo), 3, 0, [](uint32_t) {}};
  if (id == 1) return &callbacks;
  if (id == 3) return &version;
  return nullptr;
}

// Whether a tool has come, which is asked once.
bool isLoaded() {
  static std::once_flag once;
  static bool loaded = false;
  std::call_once(once, [] {
    for (size_t module = kCore; module < kSizes.size(); module++)
      for (unsigned place = 1; place < kSizes[module]; place++) table[module][place] = &functions[module][place];
    using Initialize = int (*)(const void* (*)(uint32_t));
    Initialize initialize = nullptr;
    if (const char* path = std::getenv("NVTX_INJECTION64_PATH")) {
      void* tool = dlopen(path, RTLD_LAZY);
      if (!tool) return;
      initialize = reinterpret_cast<Initialize>(dlsym(tool, "InitializeInjectionNvtx2"));
    } else {
      initialize = reinterpret_cast<Initialize>(dlsym(RTLD_DEFAULT, "InitializeInjectionNvtx2Preinject"));
    }
    loaded = initialize != nullptr && initialize(exportTable) != 0;
  });
  return loaded;
}

template <typename Wanted>
Wanted coreFunction(int id) {
  return isLoaded() ? reinterpret_cast<Wanted>(functions[kCore][id]) : nullptr;
}

napi_value nvtxIsLoaded(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return toJs(env, isLoaded()); });
}

// nvtxPush(name)
napi_value nvtxPush(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    if (const auto push = coreFunction<int (*)(const char*)>(kRangePush)) push(toString(env, args[0]).c_str());
    return nullptr;
  });
}

napi_value nvtxPop(napi_env env, napi_callback_info) {
  return guarded(env, [&]() -> napi_value {
    if (const auto pop = coreFunction<int (*)()>(kRangePop)) pop();
    return nullptr;
  });
}

// nvtxMark(name)
napi_value nvtxMark(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    if (const auto mark = coreFunction<void (*)(const char*)>(kMark)) mark(toString(env, args[0]).c_str());
    return nullptr;
  });
}

}  // namespace

void exportNvtx(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"nvtxIsLoaded", nvtxIsLoaded}, {"nvtxPush", nvtxPush}, {"nvtxPop", nvtxPop}, {"nvtxMark", nvtxMark}});
}

}  // namespace hadal
