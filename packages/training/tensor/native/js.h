// Conversion of single JavaScript values, for functions with few arguments: strings, numbers, handles. Operators use wire.h
// instead.
#pragma once

#include "error.h"
#include "slab.h"

#include <c10/core/ScalarType.h>

#include <string>
#include <vector>

namespace hadal {

napi_value toJs(napi_env env, const std::string& text);
napi_value toJs(napi_env env, int32_t number);
napi_value toJs(napi_env env, double number);
napi_value toJs(napi_env env, bool value);

std::string toString(napi_env env, napi_value value);
int64_t toInteger(napi_env env, napi_value value);
bool toBoolean(napi_env env, napi_value value);
std::vector<int64_t> toIntegers(napi_env env, napi_value array);
const at::Tensor& toTensor(napi_env env, const Slab& slab, napi_value handle);
// The handles in an Int32Array; 0 gives an undefined tensor.
std::vector<at::Tensor> toTensors(napi_env env, const Slab& slab, napi_value handles);
c10::ScalarType toDType(napi_env env, napi_value code);

// Throws Fault("argument", "expected " + what).
[[noreturn]] void expected(const std::string& what);

constexpr double kMaxSafeInteger = 9007199254740991.0;

}  // namespace hadal
