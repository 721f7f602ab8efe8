/** C++ spellings of schema types. */

interface CppType {
  /** As a parameter of a kernel. */
  readonly parameter: string
  /** As a local variable, and how a saved value is read into it. */
  readonly local?: string
  readonly read?: string
}

const types: Readonly<Record<string, CppType>> = {
  Tensor: { parameter: 'const at::Tensor&' },
  'Tensor?': { parameter: 'const std::optional<at::Tensor>&' },
  'Tensor[]': { parameter: 'at::TensorList' },
  int: { parameter: 'int64_t', local: 'int64_t', read: 'toInt()' },
  'int?': {
    parameter: 'std::optional<int64_t>',
    local: 'std::optional<int64_t>',
    read: 'toOptional<int64_t>()',
  },
  'int[]': { parameter: 'at::IntArrayRef', local: 'std::vector<int64_t>', read: 'toIntVector()' },
  float: { parameter: 'double', local: 'double', read: 'toDouble()' },
  'float?': {
    parameter: 'std::optional<double>',
    local: 'std::optional<double>',
    read: 'toOptional<double>()',
  },
  'float[]': { parameter: 'at::ArrayRef<double>', local: 'std::vector<double>', read: 'toDoubleVector()' },
  bool: { parameter: 'bool', local: 'bool', read: 'toBool()' },
  'bool?': { parameter: 'std::optional<bool>', local: 'std::optional<bool>', read: 'toOptional<bool>()' },
  str: { parameter: 'c10::string_view', local: 'std::string', read: 'toStringRef()' },
  Scalar: { parameter: 'const at::Scalar&', local: 'at::Scalar', read: 'toScalar()' },
}

const results: Readonly<Record<string, string>> = {
  Tensor: 'at::Tensor',
  'Tensor[]': 'std::vector<at::Tensor>',
  int: 'int64_t',
  float: 'double',
  bool: 'bool',
}

/** Undefined for types that custom operators cannot take. */
export function parameterType(type: string): CppType | undefined {
  return types[type]
}

/** Undefined for types that they cannot return. */
export function resultType(type: string): string | undefined {
  return results[type]
}

export const parameterTypes: readonly string[] = Object.keys(types)
export const resultTypes: readonly string[] = Object.keys(results)

/** Names that generated code cannot use as they are. */
export const reservedNames: ReadonlySet<string> = new Set(
  (
    'alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t ' +
    'char32_t class compl concept const consteval constexpr constinit const_cast continue co_await ' +
    'co_return co_yield decltype default delete do double dynamic_cast else enum explicit export extern ' +
    'false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr ' +
    'operator or or_eq private protected public register reinterpret_cast requires return short signed ' +
    'sizeof static static_assert static_cast struct switch template this thread_local throw true try ' +
    'typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq at c10 ' +
    'torch std grad needs handle meet requiresGrad Gradient'
  ).split(' '),
)
