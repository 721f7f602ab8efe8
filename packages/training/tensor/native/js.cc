#include "js.h"

#include <cmath>

namespace hadal {

void expected(const std::string& what) { throw Fault("argument", "expected " + what); }

napi_value toJs(napi_env env, const std::string& text) {
  napi_value out;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &out));
  return out;
}

napi_value toJs(napi_env env, int32_t number) {
  napi_value out;
  check(env, napi_create_int32(env, number, &out));
  return out;
}

napi_value toJs(napi_env env, double number) {
  napi_value out;
  check(env, napi_create_double(env, number, &out));
  return out;
}

napi_value toJs(napi_env env, bool value) {
  napi_value out;
  check(env, napi_get_boolean(env, value, &out));
  return out;
}

std::string toString(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) expected("a string");
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

int64_t toInteger(napi_env env, napi_value value) {
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok) {
    if (number != std::trunc(number) || std::fabs(number) > kMaxSafeInteger) expected("a whole number within 2^53");
    return static_cast<int64_t>(number);
  }
  int64_t integer;
  bool lossless = false;
  if (napi_get_value_bigint_int64(env, value, &integer, &lossless) != napi_ok) expected("a whole number");
  if (!lossless) expected("an integer of at most 64 bits");
  return integer;
}

bool toBoolean(napi_env env, napi_value value) {
  bool out;
  if (napi_get_value_bool(env, value, &out) != napi_ok) expected("true or false");
  return out;
}

std::vector<int64_t> toIntegers(napi_env env, napi_value array) {
  bool isArray = false;
  check(env, napi_is_array(env, array, &isArray));
  if (!isArray) expected("an array");
  uint32_t length;
  check(env, napi_get_array_length(env, array, &length));
  std::vector<int64_t> out(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    check(env, napi_get_element(env, array, i, &element));
    out[i] = toInteger(env, element);
  }
  return out;
}

const at::Tensor& toTensor(napi_env env, const Slab& slab, napi_value value) {
  int32_t handle;
  if (napi_get_value_int32(env, value, &handle) != napi_ok) expected("a tensor");
  const at::Tensor* tensor = slab.get(handle);
  if (!tensor) throw Fault("disposed", "a tensor was used after it was freed");
  return *tensor;
}

std::vector<at::Tensor> toTensors(napi_env env, const Slab& slab, napi_value handles) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(env, handles, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array)
    expected("tensors");
  std::vector<at::Tensor> out(length);
  for (size_t i = 0; i < length; i++) {
    const Handle handle = static_cast<const Handle*>(data)[i];
    if (handle == 0) continue;
    const at::Tensor* tensor = slab.get(handle);
    if (!tensor) throw Fault("disposed", "a tensor in a list was used after it was freed");
    out[i] = *tensor;
  }
  return out;
}

c10::ScalarType toDType(napi_env env, napi_value code) {
  const int64_t number = toInteger(env, code);
  if (number < 0 || number >= static_cast<int64_t>(c10::ScalarType::Undefined)) expected("a dtype");
  return static_cast<c10::ScalarType>(number);
}

}  // namespace hadal
