// How C++ failures become JavaScript errors. Every function exported to JavaScript runs inside `guarded`, so nothing a
// library throws can unwind into V8. The `code` of the JavaScript error is what src/failure.ts turns into a HadalError.
#pragma once

#include "napi.h"

#include <exception>
#include <string>
#include <utility>

namespace hadal {

// A fault found before libtorch was asked. Its code is one of the strings that src/failure.ts knows.
struct Fault : std::exception {
  const char* code;
  std::string message;
  Fault(const char* code, std::string message) : code(code), message(std::move(message)) {}
  const char* what() const noexcept override { return message.c_str(); }
};

// Node-API refused: an exception is already pending in JavaScript, or a value had an unexpected type.
void check(napi_env env, napi_status status);

// Throws the exception being handled into JavaScript.
void rethrowToJavaScript(napi_env env) noexcept;

// The code and message of the exception being handled.
std::pair<const char*, std::string> describeCurrentException() noexcept;

template <class Body>
napi_value guarded(napi_env env, Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    rethrowToJavaScript(env);
    return nullptr;
  }
}

}  // namespace hadal
