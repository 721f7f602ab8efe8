// The addon's entry point: creates an environment for the loading JavaScript thread and exports each file's functions.

#include "environment.h"

namespace hadal {

// Of nvtx.cc, which nothing else has to do with.
void exportNvtx(napi_env, napi_value exports, Environment*);

static napi_value open(napi_env env, napi_value exports) {
  return guarded(env, [&] {
    auto* environment = new Environment();
    const auto close = [](node_api_basic_env, void* data, void*) {
      c10::WarningUtils::set_warning_handler(nullptr);
      delete static_cast<Environment*>(data);
    };
    check(env, napi_set_instance_data(env, environment, close, nullptr));
    exportOperators(env, exports, environment);
    exportTensors(env, exports, environment);
    exportLifetimes(env, exports, environment);
    exportAllocator(env, exports, environment);
    exportAutograd(env, exports, environment);
    exportWarnings(env, exports, environment);
    exportLibrary(env, exports, environment);
    exportDistributed(env, exports, environment);
    exportFp8(env, exports, environment);
    exportAttentionHeads(env, exports, environment);
    exportRmsNorm(env, exports, environment);
    exportSwiGlu(env, exports, environment);
    exportCustomOps(env, exports, environment);
    exportProfiler(env, exports, environment);
    exportNvtx(env, exports, environment);
    exportSecureNormal(env, exports, environment);
    return exports;
  });
}

}  // namespace hadal

NAPI_MODULE_INIT() { return hadal::open(env, exports); }
