// JavaScript values to the values libtorch takes, and back. All the guards that the boxed path needs are here: libtorch
// trusts what is on the stack, so a wrong type there is a crash and not an error.
#pragma once

#include "error.h"
#include "operator.h"
#include "slab.h"

#include <string>

namespace hadal {

napi_value toJs(napi_env env, const std::string& text);
napi_value toJs(napi_env env, int32_t number);
napi_value toJs(napi_env env, double number);

std::string toString(napi_env env, napi_value value);
int64_t toInteger(napi_env env, napi_value value);
bool toBoolean(napi_env env, napi_value value);
std::vector<int64_t> toIntegers(napi_env env, napi_value array);
// Handles in an array or an Int32Array; 0, null and undefined give an undefined tensor.
std::vector<at::Tensor> toTensors(napi_env env, const Slab& slab, napi_value list);
const at::Tensor& toTensor(napi_env env, const Slab& slab, napi_value handle);
c10::ScalarType toDType(napi_env env, napi_value code);
c10::Device toDevice(napi_env env, napi_value text);

// Converts the arguments and results of one call.
class Converter {
 public:
  Converter(napi_env env, Slab& slab, const Operator& op, const napi_value* values, size_t count)
      : env_(env), slab_(slab), op_(op), values_(values), count_(count) {}

  c10::IValue argument(size_t i) const;
  napi_value result(c10::IValue& value, const Result& expected) const;

 private:
  c10::IValue missing(const Parameter& p, bool isNull) const;
  c10::IValue list(const Parameter& p, napi_value value) const;
  c10::IValue single(const Parameter& p, napi_value value) const;
  c10::IValue tensorList(const Parameter& p, napi_value value) const;
  c10::Scalar scalar(napi_value value) const;
  bool exemplarIsIntegral() const;

  napi_env env_;
  Slab& slab_;
  const Operator& op_;
  const napi_value* values_;
  size_t count_;
};

}  // namespace hadal
