// User-defined operators (src/custom-ops/): schema parsing, and loading and unloading of their libraries. The content of such a
// library, and its compilation, are decided in TypeScript.

#include "custom-op.h"

#include "environment.h"
#include "js.h"

#include <torch/csrc/jit/frontend/function_schema_parser.h>

#include <dlfcn.h>
#include <mutex>

namespace hadal {

namespace {

struct CustomOp {
  std::string key;
  void (*unregister)();
  std::shared_ptr<std::atomic<bool>> gone = std::make_shared<std::atomic<bool>>(false);
};

// The dispatcher is the process's, and so is this: every environment sees the same operators. Never destroyed, as it would be before
// the operators are.
struct CustomOps {
  std::mutex mutex;
  std::unordered_map<std::string, CustomOp> byName;
};

CustomOps& customOps() {
  static auto* ops = new CustomOps();
  return *ops;
}

napi_value strings(napi_env env, const std::vector<std::string>& texts) {
  napi_value out;
  check(env, napi_create_array_with_length(env, texts.size(), &out));
  for (size_t i = 0; i < texts.size(); i++) check(env, napi_set_element(env, out, i, toJs(env, texts[i])));
  return out;
}

// name, type, and "aliased" where the schema says that it is changed or shares memory.
void describe(const c10::Argument& argument, std::vector<std::string>& out) {
  out.push_back(argument.name());
  out.push_back(argument.real_type()->str());
  out.push_back(argument.alias_info() ? "aliased" : "");
}

// parseOpSchema("my::op(Tensor a) -> Tensor"): [[name, type, alias, ...] of arguments, the same of results]. Throws what libtorch's
// parser says.
napi_value parseOpSchema(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    const c10::FunctionSchema schema = torch::jit::parseSchema(toString(env, args[0]), /*allow_typevars=*/false);
    std::vector<std::string> arguments, results;
    for (const c10::Argument& argument : schema.arguments()) describe(argument, arguments);
    for (const c10::Argument& result : schema.returns()) describe(result, results);
    napi_value out;
    check(env, napi_create_array_with_length(env, 2, &out));
    check(env, napi_set_element(env, out, 0, strings(env, arguments)));
    check(env, napi_set_element(env, out, 1, strings(env, results)));
    return out;
  });
}

// customOpKey(name): the key it was loaded with; "" where libtorch or somebody else has an operator of that name; undefined without any.
napi_value customOpKey(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    const std::string name = toString(env, args[0]);
    CustomOps& ops = customOps();
    const std::lock_guard<std::mutex> lock(ops.mutex);
    const auto found = ops.byName.find(name);
    if (found != ops.byName.end()) return toJs(env, found->second.key);
    if (!c10::Dispatcher::singleton().findOp({name, ""})) return nullptr;
    return toJs(env, std::string());
  });
}

template <class Function>
Function symbol(void* library, const char* name, const std::string& path) {
  const auto found = reinterpret_cast<Function>(dlsym(library, name));
  if (!found) throw Fault("load", path + " has no " + name);
  return found;
}

// loadCustomOp(name, key, path): registers what the library defines. It is never unmapped: graphs may hold on to its code.
napi_value loadCustomOp(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<3> args(env, info);
    const std::string name = toString(env, args[0]), key = toString(env, args[1]), path = toString(env, args[2]);
    CustomOps& ops = customOps();
    const std::lock_guard<std::mutex> lock(ops.mutex);
    // Libraries register while they are held by the lock, so that two threads cannot both find the name free.
    if (ops.byName.count(name) || c10::Dispatcher::singleton().findOp({name, ""}))
      throw Fault("registered", name + " is registered already");
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw Fault("load", dlerror());
    const auto enter = symbol<const char* (*)()>(library, "hadal_op_register", path);
    const auto leave = symbol<void (*)()>(library, "hadal_op_unregister", path);
    if (const char* why = enter()) throw Fault("load", why);
    ops.byName.emplace(name, CustomOp{key, leave});
    return nullptr;
  });
}

// unloadCustomOp(name): whether it was there.
napi_value unloadCustomOp(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    CustomOps& ops = customOps();
    const std::lock_guard<std::mutex> lock(ops.mutex);
    const auto found = ops.byName.find(toString(env, args[0]));
    if (found == ops.byName.end()) return toJs(env, false);
    found->second.gone->store(true);
    found->second.unregister();
    ops.byName.erase(found);
    return toJs(env, true);
  });
}

}  // namespace

std::shared_ptr<std::atomic<bool>> whetherGone(const std::string& name) {
  CustomOps& ops = customOps();
  const std::lock_guard<std::mutex> lock(ops.mutex);
  const auto found = ops.byName.find(name);
  return found == ops.byName.end() ? nullptr : found->second.gone;
}

void exportCustomOps(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"parseOpSchema", parseOpSchema},
             {"customOpKey", customOpKey},
             {"loadCustomOp", loadCustomOp},
             {"unloadCustomOp", unloadCustomOp}});
}

}  // namespace hadal
