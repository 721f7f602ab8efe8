// Everything that belongs to one JavaScript environment (the main thread or one worker). Reached through the data
// pointer of each exported function, so no global state is shared between threads.
#pragma once

#include "error.h"
#include "operator.h"
#include "slab.h"
#include "warnings.h"
#include "wire.h"

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace hadal {

struct Environment {
  // Shared with finalizers, which may outlive the environment's other parts.
  std::shared_ptr<Slab> slab = std::make_shared<Slab>();
  std::deque<Operator> operators;
  // "aten::add" -> its overload names; filled at first use.
  std::unordered_map<std::string, std::vector<std::string>> overloadNames;
  Wire wire;
  torch::jit::Stack stack;
  // The last group of tensors that the garbage collector frees together (lifetimes.cc), and what V8 was told of them.
  std::shared_ptr<struct Collected> collected;
  int64_t reportedBytes = 0;
  Warnings warnings;
  // Process groups and the collectives under way (distributed.cc).
  std::shared_ptr<struct Distributed> distributed;
};

// The arguments of a call from JavaScript. Absent ones read as undefined.
template <size_t Max>
struct CallInfo {
  napi_env env;
  size_t count = Max;
  std::array<napi_value, Max> values;
  Environment* environment = nullptr;

  CallInfo(napi_env env, napi_callback_info info) : env(env) {
    void* data = nullptr;
    // Node fills every unused place with undefined, so few are offered first.
    constexpr size_t kFew = Max < 8 ? Max : 8;
    count = kFew;
    check(env, napi_get_cb_info(env, info, &count, values.data(), nullptr, &data));
    if (count > kFew && Max > kFew) {
      count = Max;
      check(env, napi_get_cb_info(env, info, &count, values.data(), nullptr, &data));
    }
    environment = static_cast<Environment*>(data);
  }
  napi_value operator[](size_t i) const { return values[i]; }
};

using Callback = napi_value (*)(napi_env, napi_callback_info);
struct Export {
  const char* name;
  Callback callback;
};

// Adds functions to `exports`, each with the environment as its data.
template <size_t N>
void exportAll(napi_env env, napi_value exports, Environment* environment, const Export (&list)[N]) {
  for (const Export& item : list) {
    napi_value function;
    check(env, napi_create_function(env, item.name, NAPI_AUTO_LENGTH, item.callback, environment, &function));
    check(env, napi_set_named_property(env, exports, item.name, function));
  }
}

// One per file that exports something.
void exportOperators(napi_env, napi_value exports, Environment*);
void exportTensors(napi_env, napi_value exports, Environment*);
void exportLifetimes(napi_env, napi_value exports, Environment*);
void exportAllocator(napi_env, napi_value exports, Environment*);
void exportAutograd(napi_env, napi_value exports, Environment*);
void exportWarnings(napi_env, napi_value exports, Environment*);
void exportLibrary(napi_env, napi_value exports, Environment*);
void exportDistributed(napi_env, napi_value exports, Environment*);
void exportFp8(napi_env, napi_value exports, Environment*);
void exportAttentionHeads(napi_env, napi_value exports, Environment*);
void exportRmsNorm(napi_env, napi_value exports, Environment*);
void exportSwiGlu(napi_env, napi_value exports, Environment*);
void exportCustomOps(napi_env, napi_value exports, Environment*);
void exportProfiler(napi_env, napi_value exports, Environment*);
void exportSecureNormal(napi_env, napi_value exports, Environment*);

}  // namespace hadal
