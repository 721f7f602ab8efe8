#include "convert.h"

#include <ATen/core/List.h>

#include <cmath>

namespace hadal {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

napi_valuetype typeOf(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type;
}

[[noreturn]] void expected(const std::string& what) { throw Fault("argument", "expected " + what); }

double toDouble(napi_env env, napi_value value) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) expected("a number");
  return number;
}

bool isWhole(double number) {
  return number == std::trunc(number) && std::fabs(number) <= kMaxSafeInteger && !(number == 0 && std::signbit(number));
}

napi_value handleToJs(napi_env env, Slab& slab, at::Tensor tensor) {
  napi_value out;
  if (!tensor.defined()) {
    check(env, napi_get_null(env, &out));
    return out;
  }
  check(env, napi_create_int32(env, slab.put(std::move(tensor)), &out));
  return out;
}

napi_value scalarToJs(napi_env env, const c10::Scalar& scalar) {
  napi_value out;
  if (scalar.isComplex()) {
    const auto number = scalar.toComplexDouble();
    check(env, napi_create_object(env, &out));
    check(env, napi_set_named_property(env, out, "re", toJs(env, number.real())));
    check(env, napi_set_named_property(env, out, "im", toJs(env, number.imag())));
  } else if (scalar.isBoolean()) {
    check(env, napi_get_boolean(env, scalar.toBool(), &out));
  } else {
    return toJs(env, scalar.isFloatingPoint() ? scalar.toDouble() : static_cast<double>(scalar.toLong()));
  }
  return out;
}

template <class Body>
void eachElement(napi_env env, napi_value array, Body&& body) {
  bool isArray = false;
  check(env, napi_is_array(env, array, &isArray));
  if (!isArray) expected("an array");
  uint32_t length;
  check(env, napi_get_array_length(env, array, &length));
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    check(env, napi_get_element(env, array, i, &element));
    body(element);
  }
}

int64_t inRange(int64_t value, int64_t limit, const char* what) {
  if (value < 0 || value >= limit) expected(what);
  return value;
}

}  // namespace

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
  std::vector<int64_t> out;
  eachElement(env, array, [&](napi_value element) { out.push_back(toInteger(env, element)); });
  return out;
}

const at::Tensor& toTensor(napi_env env, const Slab& slab, napi_value value) {
  int32_t handle;
  if (napi_get_value_int32(env, value, &handle) != napi_ok) expected("a tensor");
  const at::Tensor* tensor = slab.get(handle);
  if (!tensor) throw Fault("disposed", "a tensor was used after it was freed");
  return *tensor;
}

std::vector<at::Tensor> toTensors(napi_env env, const Slab& slab, napi_value list) {
  std::vector<at::Tensor> out;
  bool typed = false;
  check(env, napi_is_typedarray(env, list, &typed));
  if (typed) {
    napi_typedarray_type type;
    size_t length;
    void* data;
    check(env, napi_get_typedarray_info(env, list, &type, &length, &data, nullptr, nullptr));
    if (type != napi_int32_array) expected("tensors");
    out.reserve(length);
    for (size_t i = 0; i < length; i++) {
      const Handle handle = static_cast<const Handle*>(data)[i];
      const at::Tensor* tensor = handle == 0 ? nullptr : slab.get(handle);
      if (handle != 0 && !tensor) throw Fault("disposed", "a tensor in a list was used after it was freed");
      out.push_back(tensor ? *tensor : at::Tensor());
    }
    return out;
  }
  eachElement(env, list, [&](napi_value element) {
    const napi_valuetype kind = typeOf(env, element);
    const bool none = kind == napi_null || kind == napi_undefined;
    out.push_back(none ? at::Tensor() : toTensor(env, slab, element));
  });
  return out;
}

c10::ScalarType toDType(napi_env env, napi_value code) {
  const auto limit = static_cast<int64_t>(c10::ScalarType::Undefined);
  return static_cast<c10::ScalarType>(inRange(toInteger(env, code), limit, "a dtype"));
}

c10::Device toDevice(napi_env env, napi_value text) { return c10::Device(toString(env, text)); }

c10::IValue Converter::missing(const Parameter& p, bool isNull) const {
  if (!isNull && p.defaultValue) return *p.defaultValue;
  if (p.optional) return c10::IValue();
  throw Fault("argument", isNull ? "null is not accepted" : "is missing");
}

bool Converter::exemplarIsIntegral() const {
  if (op_.exemplar < 0) return op_.wholeNumbersAreIntegers;
  const auto at = static_cast<size_t>(op_.exemplar);
  if (at >= count_) return false;
  c10::ScalarType dtype;
  if (op_.parameters[at].list) {
    const auto tensors = toTensors(env_, slab_, values_[at]);
    if (tensors.empty() || !tensors[0].defined()) return false;
    dtype = tensors[0].scalar_type();
  } else {
    int32_t handle;
    if (napi_get_value_int32(env_, values_[at], &handle) != napi_ok) return false;
    const at::Tensor* tensor = slab_.get(handle);
    if (!tensor) return false;
    dtype = tensor->scalar_type();
  }
  return c10::isIntegralType(dtype, /*includeBool=*/true);
}

c10::Scalar Converter::scalar(napi_value value) const {
  double number;
  if (napi_get_value_double(env_, value, &number) == napi_ok) {
    if (isWhole(number) && exemplarIsIntegral()) return c10::Scalar(static_cast<int64_t>(number));
    return c10::Scalar(number);
  }
  switch (typeOf(env_, value)) {
    case napi_boolean: return c10::Scalar(toBoolean(env_, value));
    case napi_bigint: return c10::Scalar(toInteger(env_, value));
    case napi_object: {
      napi_value re, im;
      check(env_, napi_get_named_property(env_, value, "re", &re));
      check(env_, napi_get_named_property(env_, value, "im", &im));
      return c10::Scalar(c10::complex<double>(toDouble(env_, re), toDouble(env_, im)));
    }
    default: expected("a number");
  }
}

c10::IValue Converter::single(const Parameter& p, napi_value value) const {
  switch (p.kind) {
    case Kind::Tensor: return toTensor(env_, slab_, value);
    case Kind::Int: return toInteger(env_, value);
    case Kind::Float: return toDouble(env_, value);
    case Kind::Bool: return toBoolean(env_, value);
    case Kind::Scalar: return scalar(value);
    case Kind::String: return toString(env_, value);
    case Kind::Device: return toDevice(env_, value);
    case Kind::DType: return static_cast<int64_t>(toDType(env_, value));
    case Kind::Layout:
      return inRange(toInteger(env_, value), static_cast<int64_t>(c10::Layout::NumOptions), "a layout");
    case Kind::MemoryFormat:
      return inRange(toInteger(env_, value), static_cast<int64_t>(c10::MemoryFormat::NumOptions), "a memory format");
    default: throw Fault("argument", "cannot be given");
  }
}

c10::IValue Converter::tensorList(const Parameter& p, napi_value value) const {
  const std::vector<at::Tensor> tensors = toTensors(env_, slab_, value);
  if (p.optionalElements) {
    c10::List<std::optional<at::Tensor>> out;
    out.reserve(tensors.size());
    for (const at::Tensor& tensor : tensors)
      out.push_back(tensor.defined() ? std::optional<at::Tensor>(tensor) : std::nullopt);
    return out;
  }
  for (const at::Tensor& tensor : tensors)
    if (!tensor.defined()) expected("tensors only, without null");
  return c10::List<at::Tensor>(tensors);
}

c10::IValue Converter::list(const Parameter& p, napi_value value) const {
  if (p.kind == Kind::Tensor) return tensorList(p, value);
  bool isArray = false;
  check(env_, napi_is_array(env_, value, &isArray));
  if (!isArray && p.length == 0) expected("an array");
  // `int[2]` takes one number for both.
  const auto fill = [&](auto out, auto&& read) {
    if (isArray) {
      eachElement(env_, value, [&](napi_value element) { out.push_back(read(element)); });
    } else {
      const auto element = read(value);
      for (int i = 0; i < p.length; i++) out.push_back(element);
    }
    return out;
  };
  switch (p.kind) {
    case Kind::Int: return fill(c10::List<int64_t>(), [&](napi_value v) { return toInteger(env_, v); });
    case Kind::Float: return fill(c10::List<double>(), [&](napi_value v) { return toDouble(env_, v); });
    case Kind::Bool: return fill(c10::List<bool>(), [&](napi_value v) { return toBoolean(env_, v); });
    case Kind::Scalar:
      return fill(c10::impl::GenericList(c10::NumberType::get()), [&](napi_value v) { return c10::IValue(scalar(v)); });
    case Kind::String: return fill(c10::List<std::string>(), [&](napi_value v) { return toString(env_, v); });
    default: throw Fault("argument", "cannot be given");
  }
}

c10::IValue Converter::argument(size_t i) const {
  const Parameter& p = op_.parameters[i];
  try {
    if (i >= count_) return missing(p, false);
    const napi_value value = values_[i];
    // The common cases first: asking V8 for the type of everything would cost as much as the conversion.
    if (p.kind == Kind::Tensor && !p.list) {
      int32_t handle;
      if (napi_get_value_int32(env_, value, &handle) == napi_ok) {
        const at::Tensor* tensor = slab_.get(handle);
        if (!tensor) throw Fault("disposed", "was freed");
        return *tensor;
      }
    }
    const napi_valuetype type = typeOf(env_, value);
    if (type == napi_undefined || type == napi_null) return missing(p, type == napi_null);
    return p.list ? list(p, value) : single(p, value);
  } catch (Fault& fault) {
    fault.message = "argument '" + p.name + "': " + fault.message;
    throw;
  }
}

napi_value Converter::result(c10::IValue& value, const Result& expected) const {
  if (expected.argument >= 0) return toJs(env_, -1 - expected.argument);
  napi_value out;
  if (expected.list) {
    if (value.isTensorList()) {
      const auto tensors = value.toTensorList();
      check(env_, napi_create_array_with_length(env_, tensors.size(), &out));
      for (size_t i = 0; i < tensors.size(); i++)
        check(env_, napi_set_element(env_, out, i, handleToJs(env_, slab_, tensors.get(i))));
      return out;
    }
    const auto items = value.toList();
    check(env_, napi_create_array_with_length(env_, items.size(), &out));
    for (size_t i = 0; i < items.size(); i++) {
      c10::IValue item = items.get(i);
      check(env_, napi_set_element(env_, out, i, result(item, {expected.kind, false, -1})));
    }
    return out;
  }
  if (value.isTensor()) return handleToJs(env_, slab_, std::move(value).toTensor());
  if (value.isBool()) {
    check(env_, napi_get_boolean(env_, value.toBool(), &out));
    return out;
  }
  if (value.isInt()) return toJs(env_, static_cast<double>(value.toInt()));
  if (value.isDouble()) return toJs(env_, value.toDouble());
  if (value.isScalar()) return scalarToJs(env_, value.toScalar());
  if (value.isString()) return toJs(env_, value.toStringRef());
  if (value.isDevice()) return toJs(env_, value.toDevice().str());
  check(env_, napi_get_null(env_, &out));
  return out;
}

}  // namespace hadal
