/**
 * Generates the single C++ file of an operator's library: the user's sources, followed by the registration of kernels, gradients
 * and shapes with libtorch's dispatcher in `hadal_op_register`. It registers by a call rather than when loaded, because libtorch
 * ends the process if two libraries register one name in static initialisers.
 */

import { opSchemaUnsupported, opShapeResults } from './errors.ts'
import { gradientSource, planGradients } from './gradient-wrapper.ts'
import type { OpDefinition } from './op-definition.ts'
import { type OpSchema, readOpSchema } from './op-schema.ts'
import {
  argumentList,
  isTensors,
  kernelSignature,
  parameterList,
  parameterTypeList,
  returnType,
} from './signatures.ts'
import { ownHeaders, type ReadSource, readSource, withLines } from './sources.ts'

/** Part of every cache key: changes to the generated code need a new version. */
export const wrapperVersion = 2

export interface WrittenOp {
  readonly schema: OpSchema
  readonly source: string
  /** Source of the CUDA kernel, if there is one. */
  readonly cuda: ReadSource | undefined
  /** Folders that quoted includes are looked for in. */
  readonly folders: readonly string[]
  /** Text of every header of the user's, for the cache key. */
  readonly headers: readonly string[]
  /** What the sources have to define. */
  readonly signatures: readonly string[]
}

/** `withCuda`: whether the library should hold the kernels of CUDA. Throws the errors of the definition. */
export function writeOp(definition: OpDefinition, withCuda: boolean): WrittenOp {
  const { name } = definition
  const schema = readOpSchema(name, definition.schema)
  if (!schema.parameters.some(isTensors))
    throw opSchemaUnsupported(
      name,
      'no argument is a tensor',
      'The dispatcher finds kernels by the tensors of a call: give it one.',
    )
  const read = new Map<string, ReadSource>()
  const take = (what: string, source: string | URL): void => {
    const found = readSource(name, what, source)
    // One file may define all functions.
    read.set(source instanceof URL ? source.href : found.label, found)
  }
  const signatures: string[] = []
  const lines: string[] = []
  const expressions: string[] = []
  const kind =
    definition.composite !== undefined
      ? 'composite'
      : definition.backward === undefined
        ? 'forward'
        : 'gradients'
  if (definition.composite !== undefined) {
    take('composite', definition.composite)
    signatures.push(kernelSignature(schema, 'composite'))
    lines.push(
      `${returnType(schema)} composite(${parameterList(schema)}) { return ${schema.base}_composite(${argumentList(schema)}); }`,
      registration(schema, [['CompositeImplicitAutograd', 'TORCH_FN(composite)']]),
    )
  } else {
    const { cpu, cuda, shape, backward } = definition
    const gradients = planGradients(schema, definition)
    take('cpu', cpu)
    signatures.push(kernelSignature(schema, 'cpu'))
    if (cuda !== undefined && withCuda) {
      take('cuda', cuda.launcher)
      signatures.push(kernelSignature(schema, 'cuda'))
    }
    if (shape instanceof URL) {
      take('shape', shape)
      signatures.push(kernelSignature(schema, 'shape'))
    } else expressions.push(...shapesOf(schema, shape))
    if (gradients?.signature !== undefined) {
      take('backward', backward as string | URL)
      signatures.push(gradients.signature)
    }
    lines.push(
      devices,
      kernel(schema, 'cpu'),
      cuda !== undefined && withCuda ? kernel(schema, 'cuda') : '',
      shape instanceof URL ? shapeCall(schema) : shapeFunction(schema, expressions),
      gradients === undefined ? '' : gradientSource(schema, gradients),
      registration(schema, [
        ['CPU', 'TORCH_FN(cpu)'],
        ...(cuda !== undefined && withCuda ? [['CUDA', 'TORCH_FN(cuda)'] as const] : []),
        ['Meta', 'TORCH_FN(shape)'],
        [
          'Autograd',
          gradients === undefined
            ? 'torch::autograd::autogradNotImplementedFallback()'
            : 'TORCH_FN(autograd)',
        ],
      ]),
    )
    if (typeof backward === 'object' && !(backward instanceof URL))
      expressions.push(...Object.values(backward).flatMap((formula) => formula ?? []))
  }
  const kernelSource =
    withCuda && definition.cuda !== undefined
      ? readSource(name, 'cuda kernel', definition.cuda.kernel)
      : undefined
  const sources = [...read.values()]
  const folders = [...new Set(sources.flatMap(({ folder }) => folder ?? []))]
  const given = (definition.flags ?? []).flatMap((flag) => /^-I(.+)/.exec(flag)?.[1] ?? [])
  const all = kernelSource === undefined ? sources : [...sources, kernelSource]
  const headers = all.map((source) => ownHeaders(name, source, [...folders, ...given]))
  const cpp = [...expressions, ...sources.map(({ text }) => text), ...headers.flat()]
  return {
    schema,
    source: [
      prelude(cpp, kind),
      ...signatures.map((signature) => `${signature};`),
      ...sources.map(withLines),
      `#line 1 ${JSON.stringify(`${name} (written by Hadal)`)}`,
      'namespace hadal_op {\nnamespace {',
      `std::optional<c10::TypedOperatorHandle<${returnType(schema)}(${parameterTypeList(schema)})>> handle;`,
      ...lines,
    ].join('\n'),
    cuda: kernelSource,
    folders,
    headers: headers.flat(),
    signatures,
  }
}

function shapesOf(schema: OpSchema, shape: string | readonly string[]): readonly string[] {
  const expressions = typeof shape === 'string' ? [shape] : shape
  if (expressions.length !== schema.results.length)
    throw opShapeResults(schema.name, expressions.length, schema.results.length)
  return expressions
}

/** Functions that libtorch declares only together with all operators. Without these `at::var(x, 1)` would take 1 for a bool. */
const declaredWithAll =
  /^(?:var|var_mean|std|std_mean|numel|size|stride|is_\w+|_is_zerotensor|conj|for_blob|__\w+)$/

/**
 * Headers of the operators that the sources name. libtorch's headers include all operators unless AT_PER_OPERATOR_HEADERS is defined,
 * which takes the compiler several seconds: only sources that name operators without their namespace get all of them.
 */
function operatorHeaders(texts: readonly string[]): readonly string[] {
  const named = new Set(
    texts.flatMap((text) => [...text.matchAll(/\bat::(?:_ops::)?([a-z_]\w*)/g)].map(([, op]) => op!)),
  )
  const unqualified = /\bnamespace\s+(?:\w+\s*=\s*)?(?:::\s*)?(?:at|torch)\b/
  if ([...named].some((op) => declaredWithAll.test(op)) || texts.some((text) => unqualified.test(text)))
    return ['<ATen/Functions.h>']
  // The header of `relu` declares `relu_`, `relu_out` and `relu_outf`, too.
  const stems = [...named].map((op) => op.replace(/_?(?:_functional|_symint)?(?:_outf?)?$/, ''))
  return [...new Set([...named, ...stems])].map((op) => `<ATen/ops/${op}.h>`)
}

function prelude(texts: readonly string[], kind: 'composite' | 'forward' | 'gradients'): string {
  return [
    '#define AT_PER_OPERATOR_HEADERS 1',
    '#include <torch/library.h>',
    ...(kind === 'gradients' ? ['#include <torch/csrc/autograd/custom_function.h>'] : []),
    ...(kind === 'forward' ? ['#include <torch/csrc/autograd/autograd_not_implemented_fallback.h>'] : []),
    '#include <c10/core/DeviceGuard.h>',
    '#include <ATen/TensorOperators.h>',
    '#include <array>',
    '#include <optional>',
    '#include <string>',
    '#include <tuple>',
    '#include <vector>',
    ...operatorHeaders(texts).map((header) => `#if __has_include(${header})\n#include ${header}\n#endif`),
  ].join('\n')
}

const devices = `
void meet(std::optional<c10::Device>& first, const at::Tensor& tensor, const char* name) {
  if (!tensor.defined()) return;
  if (!first) first = tensor.device();
  TORCH_CHECK(tensor.device() == *first, name, " is on ", tensor.device(), ", another tensor on ", *first);
}
[[maybe_unused]] void meet(std::optional<c10::Device>& first, const std::optional<at::Tensor>& tensor, const char* name) {
  if (tensor) meet(first, *tensor, name);
}
[[maybe_unused]] void meet(std::optional<c10::Device>& first, at::TensorList tensors, const char* name) {
  for (const at::Tensor& tensor : tensors) meet(first, tensor, name);
}
`

/** All tensors are on one device, which is the current one while the kernel runs. */
function kernel(schema: OpSchema, which: 'cpu' | 'cuda'): string {
  const guard = which === 'cuda' ? '  const c10::OptionalDeviceGuard hadal_guard(hadal_device);\n' : ''
  return `${returnType(schema)} ${which}(${parameterList(schema)}) {
${meeting(schema)}${guard}  return ${schema.base}_${which}(${argumentList(schema)});
}
`
}

function meeting({ parameters }: OpSchema): string {
  const checks = parameters.filter(isTensors).map(({ name }) => `  meet(hadal_device, ${name}, "${name}");\n`)
  return `  std::optional<c10::Device> hadal_device;\n${checks.join('')}`
}

function shapeCall(schema: OpSchema): string {
  return `${returnType(schema)} shape(${parameterList(schema)}) {
${meeting(schema)}  return ${schema.base}_shape(${argumentList(schema)});
}
`
}

function shapeFunction(schema: OpSchema, expressions: readonly string[]): string {
  const label = JSON.stringify(`${schema.name} (shape)`)
  const body = expressions.map((expression) => `\n#line 1 ${label}\n${expression}\n`).join(',')
  return `${returnType(schema)} shape(${parameterList(schema)}) {
${meeting(schema)}  return ${returnType(schema)}(${body});
}
`
}

function registration(schema: OpSchema, kernels: readonly (readonly [key: string, what: string])[]): string {
  return `
torch::Library* library = nullptr;
std::string why;

}  // namespace

extern "C" __attribute__((visibility("default"))) void hadal_op_unregister() {
  handle.reset();
  delete library;
  library = nullptr;
}

// What went wrong, or nothing.
extern "C" __attribute__((visibility("default"))) const char* hadal_op_register() {
  try {
    library = new torch::Library(torch::Library::FRAGMENT, ${JSON.stringify(schema.namespace)}, std::nullopt, __FILE__, __LINE__);
    library->def(R"hadal(${schema.text})hadal");
${kernels.map(([key, what]) => `    library->impl("${schema.base}", torch::dispatch(c10::DispatchKey::${key}, ${what}));`).join('\n')}
    handle = c10::Dispatcher::singleton()
                 .findSchemaOrThrow("${schema.name}", "")
                 .typed<${returnType(schema)}(${parameterTypeList(schema)})>();
    return nullptr;
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
    why = "something that is no exception was thrown";
  }
  hadal_op_unregister();
  return why.c_str();
}

}  // namespace hadal_op
`
}
