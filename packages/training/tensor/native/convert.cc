#include "convert.h"

#include "error.h"
#include "js.h"

#include <ATen/core/List.h>

#include <cmath>

namespace hadal {

namespace {

int64_t integerOf(double number) {
  if (number != std::trunc(number) || std::fabs(number) > kMaxSafeInteger) expected("a whole number within 2^53");
  return static_cast<int64_t>(number);
}

// -0 has no integer that means the same.
bool isWhole(double number) {
  return number == std::trunc(number) && std::fabs(number) <= kMaxSafeInteger && !(number == 0 && std::signbit(number));
}

int64_t within(double number, int64_t limit, const char* what) {
  const int64_t value = integerOf(number);
  if (value < 0 || value >= limit) expected(what);
  return value;
}

[[noreturn]] void wrongKind(const Parameter& p) {
  static const char* const names[] = {"nothing",  "a tensor", "a whole number", "a number", "true or false",   "a number",
                                      "a string", "a device", "a dtype",        "a layout", "a memory format", "nothing"};
  expected(std::string(p.list ? "a list of " : "") + names[static_cast<int>(p.kind)]);
}

}  // namespace

std::string Strings::take() {
  if (next >= count) expected("a string");
  return toString(env, values[next++]);
}

const at::Tensor& ArgumentReader::tensor(Handle handle) const {
  const at::Tensor* found = slab_.get(handle);
  if (!found) throw Fault("disposed", "a tensor was used after it was freed");
  return *found;
}

c10::IValue ArgumentReader::one(const Parameter& p, Tag tag) {
  switch (p.kind) {
    case Kind::Tensor:
      if (tag == Tag::Tensor) return tensor(reader_.integer());
      break;
    case Kind::Int:
      if (tag == Tag::Number) return integerOf(reader_.number());
      if (tag == Tag::BigInt) return reader_.bits();
      break;
    case Kind::Float:
      if (tag == Tag::Number) return reader_.number();
      break;
    case Kind::Bool:
      if (tag == Tag::Boolean) return reader_.number() != 0;
      break;
    case Kind::Scalar:
      if (tag == Tag::Number) return reader_.number();
      if (tag == Tag::BigInt) return reader_.bits();
      if (tag == Tag::Boolean) return reader_.number() != 0;
      if (tag == Tag::Complex) {
        const double real = reader_.number();
        return c10::complex<double>(real, reader_.number());
      }
      break;
    case Kind::String:
      if (tag == Tag::String) return strings_.take();
      break;
    case Kind::Device:
      if (tag == Tag::String) return c10::Device(strings_.take());
      break;
    case Kind::DType:
      if (tag == Tag::Number) return within(reader_.number(), static_cast<int64_t>(c10::ScalarType::Undefined), "a dtype");
      break;
    case Kind::Layout:
      if (tag == Tag::Number) return within(reader_.number(), static_cast<int64_t>(c10::Layout::NumOptions), "a layout");
      break;
    case Kind::MemoryFormat:
      if (tag == Tag::Number)
        return within(reader_.number(), static_cast<int64_t>(c10::MemoryFormat::NumOptions), "a memory format");
      break;
    default: break;
  }
  wrongKind(p);
}

c10::IValue ArgumentReader::tensorList(const Parameter& p) {
  const auto count = static_cast<size_t>(reader_.number());
  if (p.optionalElements) {
    c10::List<std::optional<at::Tensor>> out;
    out.reserve(count);
    for (size_t i = 0; i < count; i++) {
      const Handle handle = reader_.integer();
      out.push_back(handle == 0 ? std::nullopt : std::optional<at::Tensor>(tensor(handle)));
    }
    return out;
  }
  c10::List<at::Tensor> out;
  out.reserve(count);
  for (size_t i = 0; i < count; i++) {
    const Handle handle = reader_.integer();
    if (handle == 0) expected("tensors only, without null");
    out.push_back(tensor(handle));
  }
  return out;
}

c10::IValue ArgumentReader::list(const Parameter& p, Tag tag) {
  if (tag == Tag::Tensors && p.kind == Kind::Tensor) return tensorList(p);
  const bool single = tag == Tag::Number || tag == Tag::Boolean;
  const bool numbers = tag == Tag::Numbers || tag == Tag::Number;
  const bool booleans = tag == Tag::Booleans || tag == Tag::Boolean;
  if (!(numbers || booleans || tag == Tag::Strings) || (single && p.length == 0)) wrongKind(p);
  size_t count = single ? 1 : static_cast<size_t>(reader_.number());
  const auto length = static_cast<size_t>(p.length);
  // `int[2]` takes one number for both. Other lengths are not left to the kernels: some read past the end.
  const bool repeats = length > 0 && count == 1;
  if (length > 1 && count != 1 && count != length && !(count == 0 && p.emptyByDefault()))
    expected(std::to_string(length) + " values, not " + std::to_string(count));
  const double repeated = repeats ? reader_.number() : 0;
  if (repeats) count = length;
  const auto next = [&] { return repeats ? repeated : reader_.number(); };
  const auto fill = [&](auto out, auto&& read) {
    out.reserve(count);
    for (size_t i = 0; i < count; i++) out.push_back(read());
    return out;
  };
  if (p.kind == Kind::Int && numbers) return fill(c10::List<int64_t>(), [&] { return integerOf(next()); });
  if (p.kind == Kind::Float && numbers) return fill(c10::List<double>(), next);
  if (p.kind == Kind::Bool && booleans) return fill(c10::List<bool>(), [&] { return next() != 0; });
  if (p.kind == Kind::Scalar && numbers)
    return fill(c10::impl::GenericList(c10::NumberType::get()), [&] { return c10::IValue(next()); });
  if (p.kind == Kind::String && tag == Tag::Strings)
    return fill(c10::List<std::string>(), [&] { return strings_.take(); });
  wrongKind(p);
}

c10::IValue ArgumentReader::argument(const Parameter& p) {
  const Tag tag = reader_.tag();
  if (tag == Tag::Missing && p.defaultValue) return *p.defaultValue;
  if (tag == Tag::Missing || tag == Tag::Null) {
    if (p.optional) return c10::IValue();
    throw Fault("argument", tag == Tag::Null ? "null is not accepted" : "is missing");
  }
  return p.list ? list(p, tag) : one(p, tag);
}

void ArgumentReader::onto(torch::jit::Stack& stack) {
  const auto given = static_cast<size_t>(reader_.number());
  if (given > op_.parameters.size()) throw Fault("argument", "too many arguments");
  for (size_t i = 0; i < op_.parameters.size(); i++) {
    const Parameter& p = op_.parameters[i];
    try {
      if (i < given) {
        stack.push_back(argument(p));
        hasScalars_ |= p.kind == Kind::Scalar;
      } else if (p.defaultValue) {
        stack.push_back(*p.defaultValue);
      } else if (p.optional) {
        stack.emplace_back();
      } else {
        throw Fault("argument", "is missing");
      }
    } catch (Fault& fault) {
      fault.message = "argument '" + p.name + "': " + fault.message;
      throw;
    }
  }
  if (op_.rule) op_.rule(stack);
  if (hasScalars_) settleWholeNumbers(stack, given);
}

void ArgumentReader::settleWholeNumbers(torch::jit::Stack& stack, size_t given) const {
  bool integers = op_.wholeNumbersAreIntegers;
  if (op_.exemplar >= 0) {
    const c10::IValue& exemplar = stack[static_cast<size_t>(op_.exemplar)];
    const auto integral = [](const at::Tensor& t) {
      return t.defined() && c10::isIntegralType(t.scalar_type(), /*includeBool=*/true);
    };
    if (exemplar.isTensor()) integers = integral(exemplar.toTensor());
    else if (exemplar.isTensorList() && !exemplar.toTensorList().empty())
      integers = integral(exemplar.toTensorList().get(0));
  }
  if (!integers) return;
  const auto settle = [](const c10::IValue& value) {
    return value.isDouble() && isWhole(value.toDouble()) ? c10::IValue(static_cast<int64_t>(value.toDouble())) : value;
  };
  for (size_t i = 0; i < given; i++) {
    if (op_.parameters[i].kind != Kind::Scalar) continue;
    if (stack[i].isList()) {
      c10::impl::GenericList settled(c10::NumberType::get());
      for (const c10::IValue& element : stack[i].toListRef()) settled.push_back(settle(element));
      stack[i] = settled;
    } else {
      stack[i] = settle(stack[i]);
    }
  }
}

namespace {

// How many slots of the wire a result takes.
size_t slotsFor(const c10::IValue& value) {
  if (value.isTensorList()) return 2 + value.toTensorList().size();
  return value.isList() ? 2 + value.toListRef().size() : 3;
}

class ResultWriter {
 public:
  ResultWriter(Slab& slab, double* at) : slab_(slab), at_(at) {}

  void write(c10::IValue& value) {
    if (value.isTensor()) return tensor(std::move(value).toTensor());
    if (value.isTensorList()) {
      const auto tensors = value.toTensorList();
      put(Tag::Tensors, static_cast<double>(tensors.size()));
      for (size_t i = 0; i < tensors.size(); i++) {
        at::Tensor one = tensors.get(i);
        *at_++ = one.defined() ? slab_.put(std::move(one)) : 0;
      }
    } else if (value.isList()) {
      const auto items = value.toListRef();
      const bool booleans = !items.empty() && items[0].isBool();
      put(booleans ? Tag::Booleans : Tag::Numbers, static_cast<double>(items.size()));
      for (const c10::IValue& item : items)
        *at_++ = item.isBool() ? item.toBool() : item.isInt() ? static_cast<double>(item.toInt()) : item.toDouble();
    } else if (value.isBool()) {
      put(Tag::Boolean, value.toBool());
    } else if (value.isInt()) {
      put(Tag::Number, static_cast<double>(value.toInt()));
    } else if (value.isDouble()) {
      put(Tag::Number, value.toDouble());
    } else if (value.isComplexDouble()) {
      put(Tag::Complex, value.toComplexDouble().real());
      *at_++ = value.toComplexDouble().imag();
    } else {
      *at_++ = static_cast<double>(Tag::Null);
    }
  }

 private:
  void tensor(at::Tensor tensor) {
    if (tensor.defined()) put(Tag::Tensor, slab_.put(std::move(tensor)));
    else *at_++ = static_cast<double>(Tag::Null);
  }

  void put(Tag tag, double number) {
    *at_++ = static_cast<double>(tag);
    *at_++ = number;
  }

  Slab& slab_;
  double* at_;
};

}  // namespace

void writeTensor(Slab& slab, at::Tensor tensor, Wire& wire) {
  wire.data()[0] = static_cast<double>(Tag::Tensor);
  wire.data()[1] = slab.put(std::move(tensor));
}

napi_value writeResults(napi_env env, Slab& slab, const Operator& op, torch::jit::Stack& stack, Wire& wire) {
  size_t slots = 0;
  for (const c10::IValue& value : stack) slots += slotsFor(value);
  napi_value grown = nullptr;
  if (slots > wire.slots()) grown = wire.grow(env, 2 * slots);
  ResultWriter writer(slab, wire.data());
  // A result that is an argument is not written: JavaScript has that tensor.
  for (size_t i = 0; i < stack.size(); i++)
    if (op.results[i].argument < 0) writer.write(stack[i]);
  return grown;
}

}  // namespace hadal
