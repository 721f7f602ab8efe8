// The library as a whole: its version, its threads, its random numbers.

#include "environment.h"
#include "js.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <cstring>
#include <dlfcn.h>

namespace hadal {

namespace {

napi_value setNumThreads(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    const int64_t count = toInteger(env, args[0]);
    if (count < 1 || count > 4096) throw Fault("argument", "the number of threads must be from 1 to 4096");
    at::set_num_threads(static_cast<int>(count));
    return nullptr;
  });
}

napi_value getNumThreads(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return toJs(env, static_cast<int32_t>(at::get_num_threads())); });
}

napi_value manualSeed(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    at::manual_seed(static_cast<uint64_t>(toInteger(env, args[0])));
    return nullptr;
  });
}

napi_value getRngState(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    return toJs(env, args.environment->slab->put(generator.get_state()));
  });
}

napi_value setRngState(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    const at::Tensor& state = toTensor(env, *args.environment->slab, args[0]);
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
    return nullptr;
  });
}

// Debian's pthread flavour of OpenBLAS keeps threads of its own, which fight with OpenMP's: it gets one.
const char* settleBlas() {
  static const char* kind = [] {
    for (const char* name : {"libblas.so.3", "libopenblas.so.0"}) {
      void* library = dlopen(name, RTLD_NOW | RTLD_NOLOAD);
      if (!library) continue;
      const auto parallel = reinterpret_cast<int (*)()>(dlsym(library, "openblas_get_parallel"));
      if (!parallel) continue;
      if (parallel() == 2) return "OpenBLAS with OpenMP";
      if (parallel() == 0) return "OpenBLAS, one thread";
      const auto setThreads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
      if (setThreads) setThreads(1);
      return "OpenBLAS with threads of its own, held to one because they fight OpenMP";
    }
    return at::hasMKL() ? "MKL" : "the one libtorch was built with";
  }();
  return kind;
}

// info(): [version, path, has CUDA, BLAS]
napi_value info(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    Dl_info where{};
    dladdr(reinterpret_cast<void*>(&at::set_num_threads), &where);
    napi_value out, cuda;
    check(env, napi_get_boolean(env, at::hasCUDA(), &cuda));
    check(env, napi_create_array_with_length(env, 4, &out));
    check(env, napi_set_element(env, out, 0, toJs(env, std::string(TORCH_VERSION))));
    check(env, napi_set_element(env, out, 1, toJs(env, std::string(where.dli_fname ? where.dli_fname : "unknown"))));
    check(env, napi_set_element(env, out, 2, cuda));
    check(env, napi_set_element(env, out, 3, toJs(env, std::string(settleBlas()))));
    return out;
  });
}

}  // namespace

void exportLibrary(napi_env env, napi_value exports, Environment* environment) {
  settleBlas();
  exportAll(env, exports, environment,
            {{"setNumThreads", setNumThreads},
             {"getNumThreads", getNumThreads},
             {"manualSeed", manualSeed},
             {"getRngState", getRngState},
             {"setRngState", setRngState},
             {"info", info}});
}

}  // namespace hadal
