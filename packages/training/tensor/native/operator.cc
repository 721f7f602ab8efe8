#include "operator.h"

#include "convert.h"
#include "custom-op.h"
#include "environment.h"
#include "js.h"

#include <ATen/core/jit_type.h>

namespace hadal {

namespace {

Kind kindOf(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType: return Kind::Tensor;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType: return Kind::Int;
    case c10::TypeKind::FloatType: return Kind::Float;
    case c10::TypeKind::BoolType: return Kind::Bool;
    case c10::TypeKind::NumberType: return Kind::Scalar;
    case c10::TypeKind::StringType: return Kind::String;
    case c10::TypeKind::DeviceObjType: return Kind::Device;
    case c10::TypeKind::ScalarTypeType: return Kind::DType;
    case c10::TypeKind::LayoutType: return Kind::Layout;
    case c10::TypeKind::MemoryFormatType: return Kind::MemoryFormat;
    case c10::TypeKind::GeneratorType: return Kind::Generator;
    default: return Kind::Unsupported;
  }
}

// Peels Optional[List[Optional[X]]] and leaves the kind of X.
struct Shape {
  Kind kind;
  bool list = false, optional = false, optionalElements = false;

  explicit Shape(c10::TypePtr type) {
    if (auto outer = type->cast<c10::OptionalType>()) {
      optional = true;
      type = outer->getElementType();
    }
    if (auto elements = type->cast<c10::ListType>()) {
      list = true;
      type = elements->getElementType();
      if (auto inner = type->cast<c10::OptionalType>()) {
        optionalElements = true;
        type = inner->getElementType();
      }
    }
    kind = kindOf(*type);
  }
};

bool sameAlias(const c10::Argument& result, const c10::Argument& argument) {
  const auto* a = result.alias_info();
  const auto* b = argument.alias_info();
  return a && b && a->isWrite() && b->isWrite() && a->beforeSets() == b->beforeSets();
}

// `where(condition, 1, 0)`: the condition's dtype says nothing about the values.
bool startsWithCondition(const std::string& name) { return name == "aten::where"; }

}  // namespace

Operator::Operator(c10::OperatorHandle op) : handle(std::move(op)) {
  const c10::FunctionSchema& definition = handle.schema();
  name = definition.name();
  schema = c10::toString(definition);
  const auto& arguments = definition.arguments();
  for (size_t i = 0; i < arguments.size(); i++) {
    const c10::Argument& argument = arguments[i];
    const Shape shape(argument.real_type());
    Parameter p;
    p.name = argument.name();
    p.kind = shape.kind;
    p.list = shape.list;
    p.optional = shape.optional;
    p.optionalElements = shape.optionalElements;
    p.keywordOnly = argument.kwarg_only();
    p.written = argument.alias_info() && argument.alias_info()->isWrite();
    p.out = argument.is_out();
    p.length = argument.N().value_or(0);
    p.defaultValue = argument.default_value();
    if (exemplar < 0 && p.kind == Kind::Tensor && !p.out && !(i == 0 && startsWithCondition(name)))
      exemplar = static_cast<int>(i);
    parameters.push_back(std::move(p));
  }
  wholeNumbersAreIntegers = name == "aten::arange";
  for (const c10::Argument& returned : definition.returns()) {
    const Shape shape(returned.real_type());
    Result r;
    r.kind = shape.optional ? Kind::Unsupported : shape.kind;
    r.list = shape.list;
    for (size_t i = 0; i < arguments.size() && r.argument < 0; i++)
      if (!shape.list && sameAlias(returned, arguments[i])) r.argument = static_cast<int>(i);
    results.push_back(r);
  }
  typed = Typed(*this);
  rule = ruleFor(name);
  gone = whetherGone(name);
}

bool Operator::supported() const {
  for (const Parameter& p : parameters) {
    if (p.kind == Kind::Unsupported) return false;
    // A generator can only be left out: the default one is used.
    if (p.kind == Kind::Generator && !p.optional) return false;
    if (p.optionalElements && p.kind != Kind::Tensor) return false;
  }
  for (const Result& r : results) {
    const bool text = r.kind == Kind::String || r.kind == Kind::Device || r.kind == Kind::Generator;
    if (r.kind == Kind::Unsupported || text) return false;
  }
  return true;
}

namespace {

// Strings of one call; more are ignored, and then missed.
constexpr size_t kMaxStrings = 16;

const std::vector<std::string>& overloadsOf(Environment& environment, const std::string& name) {
  auto& index = environment.overloadNames;
  if (index.empty())
    for (const c10::OperatorName& full : c10::Dispatcher::singleton().getAllOpNames())
      index[full.name].push_back(full.overload_name);
  static const std::vector<std::string> none, unnamed{""};
  const auto found = index.find(name);
  if (found != index.end()) return found->second;
  // Loaded since the names were read.
  return whetherGone(name) ? unnamed : none;
}

int flagsOf(const Parameter& p) {
  return (p.list ? 1 : 0) | (p.optional ? 2 : 0) | (p.optionalElements ? 4 : 0) | (p.keywordOnly ? 8 : 0) |
         (p.written ? 16 : 0) | (p.out ? 32 : 0) | (p.defaultValue ? 64 : 0);
}

void push(napi_env env, napi_value array, napi_value value) {
  uint32_t length;
  check(env, napi_get_array_length(env, array, &length));
  check(env, napi_set_element(env, array, length, value));
}

// [index, overload, schema, [name, kind, flags, length, ...], [kind, list, argument, ...]], read by src/schema.ts.
napi_value describe(napi_env env, const Operator& op, size_t index) {
  napi_value out, parameters, results;
  check(env, napi_create_array(env, &out));
  check(env, napi_create_array(env, &parameters));
  check(env, napi_create_array(env, &results));
  for (const Parameter& p : op.parameters) {
    push(env, parameters, toJs(env, p.name));
    push(env, parameters, toJs(env, static_cast<int32_t>(p.kind)));
    push(env, parameters, toJs(env, flagsOf(p)));
    push(env, parameters, toJs(env, p.length));
  }
  for (const Result& r : op.results) {
    push(env, results, toJs(env, static_cast<int32_t>(r.kind)));
    push(env, results, toJs(env, r.list ? 1 : 0));
    push(env, results, toJs(env, r.argument));
  }
  push(env, out, toJs(env, static_cast<int32_t>(index)));
  push(env, out, toJs(env, op.handle.operator_name().overload_name));
  push(env, out, toJs(env, op.schema));
  push(env, out, parameters);
  push(env, out, results);
  return out;
}

// overloads("aten::add"): every overload that can be called from here, described.
napi_value overloads(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    Environment& environment = *args.environment;
    const std::string name = toString(env, args[0]);
    napi_value out;
    check(env, napi_create_array(env, &out));
    for (const std::string& overload : overloadsOf(environment, name)) {
      auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
      if (!handle) continue;
      Operator op(*handle);
      if (!op.supported()) continue;
      environment.operators.push_back(std::move(op));
      push(env, out, describe(env, environment.operators.back(), environment.operators.size() - 1));
    }
    return out;
  });
}

// The name of every registered operator, for the code generator.
napi_value operatorNames(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    overloadsOf(*args.environment, "");
    napi_value out;
    check(env, napi_create_array(env, &out));
    uint32_t i = 0;
    for (const auto& [name, overloads] : args.environment->overloadNames)
      check(env, napi_set_element(env, out, i++, toJs(env, name)));
    return out;
  });
}

// call(...strings): calls what the wire says, and leaves the results there. A new wire when they needed a larger one.
napi_value call(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<kMaxStrings> args(env, info);
    Environment& environment = *args.environment;
    WireReader reader(environment.wire);
    const auto index = static_cast<size_t>(reader.number());
    if (index >= environment.operators.size()) throw Fault("argument", "no such operator");
    const Operator& op = environment.operators[index];
    if (op.gone && *op.gone) throw Fault("unloaded", "it was unloaded");

    at::Tensor simple = op.typed.call(*environment.slab, reader);
    if (simple.defined()) {
      environment.warnings.tell(env);
      writeTensor(*environment.slab, std::move(simple), environment.wire);
      return nullptr;
    }

    torch::jit::Stack& stack = environment.stack;
    stack.clear();
    ArgumentReader(*environment.slab, op, reader, {env, args.values.data(), args.count}).onto(stack);
    op.handle.callBoxed(stack);
    environment.warnings.tell(env);
    const napi_value grown = writeResults(env, *environment.slab, op, stack, environment.wire);
    stack.clear();
    return grown;
  });
}

// wire(slots): a wire of that size.
napi_value wire(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    return args.environment->wire.grow(env, static_cast<size_t>(toInteger(env, args[0])));
  });
}

}  // namespace

void exportOperators(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"overloads", overloads}, {"operatorNames", operatorNames}, {"call", call}, {"wire", wire}});
}

}  // namespace hadal
