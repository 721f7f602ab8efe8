/**
 * C++ between autograd and an operator's kernels: it runs the kernels below autograd, saves what the backward pass needs, and
 * computes gradients with the user's function or formulas. No JavaScript runs on autograd's threads.
 */

import { parameterType } from './cpp-types.ts'
import { opSchemaUnsupported } from './errors.ts'
import type { KernelOp } from './op-definition.ts'
import type { OpSchema, Place } from './op-schema.ts'
import {
  argumentList,
  backwardSignature,
  type GradientPlaces,
  gradientName,
  isTensor,
  parameterList,
  returnType,
} from './signatures.ts'

export interface GradientPlan {
  readonly places: GradientPlaces
  /** Per tensor argument, in order: an expression, null for none, undefined if unspecified. */
  readonly formulas: readonly (string | null | undefined)[] | undefined
  /** Signature of the user's function; undefined with formulas. */
  readonly signature: string | undefined
}

const isCode = (backward: KernelOp<string>['backward']): backward is string | URL =>
  typeof backward === 'string' || backward instanceof URL

/** Undefined where the operator has no gradients. Throws `op_schema_unsupported`. */
export function planGradients(schema: OpSchema, definition: KernelOp<string>): GradientPlan | undefined {
  const { backward, nonDifferentiable = [] } = definition
  if (backward === undefined) return undefined
  const { name } = schema
  const tensors = schema.parameters.filter(isTensor)
  if (
    schema.parameters.some(({ type }) => type === 'Tensor[]') ||
    schema.results.some((result) => !isTensor(result))
  )
    throw opSchemaUnsupported(
      name,
      'gradients go through Tensor arguments and results only, not through lists or numbers',
      'Leave `backward` out, or compose the operator of others: { composite: source }.',
    )
  const through = schema.results.filter((result) => !nonDifferentiable.includes(result.name))
  if (through.length === 0)
    throw opSchemaUnsupported(name, 'every result is named in nonDifferentiable', 'Leave `backward` out.')
  known(name, 'nonDifferentiable', nonDifferentiable, schema.results)
  const all = [...tensors, ...schema.results]
  if (isCode(backward)) {
    const saved = definition.saves ?? tensors.map((tensor) => tensor.name)
    known(name, 'saves', saved, all)
    const places = { through, saved }
    return { places, formulas: undefined, signature: backwardSignature(schema, places) }
  }
  const given: Readonly<Record<string, string | null | undefined>> = backward
  known(name, 'backward', Object.keys(given), tensors)
  const formulas = tensors.map((tensor) => given[tensor.name])
  const words = new Set(formulas.flatMap((formula) => formula?.match(/[A-Za-z_]\w*/g) ?? []))
  const saved = all.map((place) => place.name).filter((place) => words.has(place))
  return { places: { through, saved }, formulas, signature: undefined }
}

function known(name: string, key: string, given: readonly string[], places: readonly Place[]): void {
  const names = places.map((place) => place.name)
  const wrong = given.find((each) => !names.includes(each))
  if (wrong !== undefined)
    throw opSchemaUnsupported(
      name,
      `${key} names ${wrong}, which the schema does not have there`,
      `It has ${names.join(', ')}.`,
    )
}

/** `struct Gradient` and `R autograd(...)`. */
export function gradientSource(schema: OpSchema, plan: GradientPlan): string {
  const single = schema.results.length === 1
  const tensors = schema.parameters.filter(isTensor)
  const fromList = single
    ? 'hadal_list[0]'
    : `${returnType(schema)}(${schema.results.map((_, i) => `hadal_list[${i}]`).join(', ')})`
  const needsGrad = tensors.map(({ name }) => `requiresGrad(${name})`).join(' || ')
  return `
bool requiresGrad(const at::Tensor& tensor) { return tensor.defined() && tensor.requires_grad(); }
bool requiresGrad(const std::optional<at::Tensor>& tensor) { return tensor && requiresGrad(*tensor); }

struct Gradient : torch::autograd::Function<Gradient> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* hadal_context, ${parameterList(schema)}) {
    at::AutoDispatchBelowADInplaceOrView hadal_below;
${forwardBody(schema, plan)}
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* hadal_context,
                                                 torch::autograd::variable_list hadal_grads) {
${backwardBody(schema, plan)}
  }
};

${returnType(schema)} autograd(${parameterList(schema)}) {
  if (!c10::GradMode::is_enabled() || !(${needsGrad})) {
    at::AutoDispatchBelowADInplaceOrView hadal_below;
    return handle->call(${argumentList(schema)});
  }
  const auto hadal_list = Gradient::apply(${argumentList(schema)});
  return ${fromList};
}
`
}

function forwardBody(schema: OpSchema, { places }: GradientPlan): string {
  const lines: string[] = []
  const { results } = schema
  const call = `handle->call(${argumentList(schema)})`
  lines.push(
    results.length === 1
      ? `at::Tensor ${results[0]!.name} = ${call};`
      : `auto [${results.map(({ name }) => name).join(', ')}] = ${call};`,
  )
  const optional = new Set(schema.parameters.filter(({ type }) => type === 'Tensor?').map(({ name }) => name))
  const kept = places.saved.map((name) => (optional.has(name) ? `${name}.value_or(at::Tensor())` : name))
  lines.push(`hadal_context->save_for_backward({${kept.join(', ')}});`)
  for (const { name, type } of schema.parameters)
    if (!isTensor({ name, type }))
      lines.push(`hadal_context->saved_data["${name}"] = ${type === 'str' ? `std::string(${name})` : name};`)
    else if (type === 'Tensor?')
      lines.push(`hadal_context->saved_data["${name}"] = ${name} && ${name}->defined();`)
  const through = new Set(places.through)
  lines.push('torch::autograd::variable_list hadal_stop;')
  for (const result of results)
    lines.push(
      through.has(result)
        ? `if (!c10::isFloatingType(${result.name}.scalar_type()) && !c10::isComplexType(${result.name}.scalar_type())) hadal_stop.push_back(${result.name});`
        : `hadal_stop.push_back(${result.name});`,
    )
  lines.push('hadal_context->mark_non_differentiable(hadal_stop);')
  lines.push(`return {${results.map(({ name }) => name).join(', ')}};`)
  return lines.map((line) => `    ${line}`).join('\n')
}

function backwardBody(schema: OpSchema, plan: GradientPlan): string {
  const { places, formulas } = plan
  const lines: string[] = []
  const tensors = schema.parameters.filter(isTensor)
  if (formulas === undefined)
    lines.push(
      `TORCH_CHECK(!c10::GradMode::is_enabled(), "${schema.name} has no second derivative, so createGraph cannot go through it: ` +
        'formulas of ATen operators as `backward` have one");',
    )
  lines.push('const auto hadal_saved = hadal_context->get_saved_variables();')
  for (const [i, name] of places.saved.entries())
    lines.push(`[[maybe_unused]] const at::Tensor& ${name} = hadal_saved[${i}];`)
  for (const place of schema.parameters)
    if (!isTensor(place)) {
      const { local, read } = parameterType(place.type)!
      lines.push(
        `[[maybe_unused]] const ${local} ${place.name} = hadal_context->saved_data["${place.name}"].${read};`,
      )
    }
  for (const result of places.through)
    lines.push(
      `[[maybe_unused]] const at::Tensor& ${gradientName(places, result)} = hadal_grads[${schema.results.indexOf(result)}];`,
    )
  lines.push(`std::array<bool, ${tensors.length}> hadal_needs{};`, 'size_t hadal_edge = 0;')
  tensors.forEach(({ name, type }, i) => {
    const here = `hadal_needs[${i}] = hadal_context->needs_input_grad(hadal_edge++);`
    lines.push(type === 'Tensor?' ? `if (hadal_context->saved_data["${name}"].toBool()) ${here}` : here)
  })
  lines.push(`std::array<at::Tensor, ${tensors.length}> hadal_gradients;`)
  lines.push(
    ...(formulas === undefined
      ? callBackward(schema, places, tensors.length)
      : applyFormulas(schema, tensors, formulas)),
  )
  const all = schema.parameters.map((place) =>
    isTensor(place) ? `hadal_gradients[${tensors.indexOf(place)}]` : 'at::Tensor()',
  )
  lines.push(`return {${all.join(', ')}};`)
  return lines.map((line) => (line.startsWith('#') ? line : `    ${line}`)).join('\n')
}

function callBackward(schema: OpSchema, places: GradientPlaces, count: number): string[] {
  const given = [
    ...places.through.map((result) => gradientName(places, result)),
    ...places.saved,
    ...schema.parameters.filter((place) => !isTensor(place)).map(({ name }) => name),
    'hadal_needs',
  ]
  const call = `${schema.base}_backward(${given.join(', ')})`
  if (count === 1) return [`hadal_gradients[0] = ${call};`]
  const names = Array.from({ length: count }, (_, i) => `hadal_gradients[${i}]`)
  return [`std::tie(${names.join(', ')}) = ${call};`]
}

function applyFormulas(
  schema: OpSchema,
  tensors: readonly Place[],
  formulas: readonly (string | null | undefined)[],
): string[] {
  return tensors.flatMap(({ name }, i) => {
    const formula = formulas[i]
    if (formula === null) return []
    if (formula === undefined)
      return [`TORCH_CHECK(!hadal_needs[${i}], "${schema.name} has no formula for the gradient of ${name}");`]
    return [
      `if (hadal_needs[${i}]) hadal_gradients[${i}] = (`,
      `#line 1 ${JSON.stringify(`${schema.name} (backward of ${name})`)}`,
      formula,
      ');',
    ]
  })
}
