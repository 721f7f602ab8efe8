// One overload of one operator, with what is needed to call it boxed without crashing: for every argument its kind,
// whether it may be missing, and its default. Built once from the schema that the library itself reports.
#pragma once

#include "rules.h"
#include "typed.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hadal {

// The numbers are shared with src/schema.ts.
enum class Kind : int {
  Unsupported = 0,
  Tensor = 1,
  Int = 2,
  Float = 3,
  Bool = 4,
  Scalar = 5,
  String = 6,
  Device = 7,
  DType = 8,
  Layout = 9,
  MemoryFormat = 10,
  Generator = 11,
};

struct Parameter {
  std::string name;
  Kind kind = Kind::Unsupported;
  bool list = false;
  bool optional = false;
  bool optionalElements = false;
  bool keywordOnly = false;
  bool written = false;
  bool out = false;
  // Of a list written `int[2]`: a single number stands for that many.
  int length = 0;
  std::optional<c10::IValue> defaultValue;
  bool emptyByDefault() const { return defaultValue && defaultValue->isList() && defaultValue->toListRef().empty(); }
};

struct Result {
  Kind kind = Kind::Unsupported;
  bool list = false;
  // The argument that this result is (in-place and out operators), or -1.
  int argument = -1;
};

struct Operator {
  c10::OperatorHandle handle;
  std::string name;
  std::string schema;
  std::vector<Parameter> parameters;
  std::vector<Result> results;
  // The parameter whose dtype decides whether a whole number is an integer Scalar; -1 when there is none.
  int exemplar = -1;
  Typed typed;
  Rule rule = nullptr;
  // Without an exemplar: whole numbers are integers (arange) or floating point (full).
  bool wholeNumbersAreIntegers = false;
  // Turns true when a custom operator is unloaded.
  std::shared_ptr<const std::atomic<bool>> gone;

  explicit Operator(c10::OperatorHandle handle);
  bool supported() const;
};

}  // namespace hadal
