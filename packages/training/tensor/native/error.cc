#include "error.h"

#include <c10/util/Exception.h>

#include <new>

namespace hadal {

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw Fault("argument", info && info->error_message ? info->error_message : "a value has the wrong type");
}

std::pair<const char*, std::string> describeCurrentException() noexcept {
  try {
    throw;
  } catch (const Fault& fault) {
    return {fault.code, fault.message};
  } catch (const c10::OutOfMemoryError& error) {
    return {"memory", error.what_without_backtrace()};
  } catch (const c10::Error& error) {
    std::string message = error.what_without_backtrace();
    const bool memory = message.find("not enough memory") != std::string::npos ||
                        message.find("can't allocate memory") != std::string::npos;
    return {memory ? "memory" : "libtorch", std::move(message)};
  } catch (const std::bad_alloc&) {
    return {"memory", "not enough memory"};
  } catch (const std::exception& error) {
    return {"libtorch", error.what()};
  } catch (...) {
    return {"libtorch", "libtorch threw something that is not an exception"};
  }
}

void rethrowToJavaScript(napi_env env) noexcept {
  const auto [code, message] = describeCurrentException();
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return;
  napi_throw_error(env, code, message.c_str());
}

}  // namespace hadal
