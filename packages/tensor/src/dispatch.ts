/**
 * Calls operators. For each operator a table remembers, by the kinds of the arguments, which overload takes them and how
 * each value is handed over; the first call with new kinds works that out. Knows nothing about single operators.
 */

import { context } from './context.ts'
import { codeOf, type DType, dtypeOf, layouts, memoryFormats, reductions } from './dtype.ts'
import { tensorOpMissing } from './errors.ts'
import { failure, noOverload } from './failure.ts'
import type { Handle } from './handle.ts'
import { Given, givenKind, match } from './match.ts'
import { native } from './native.ts'
import { Kind, type Overload, type Parameter, type Result, readOverloads } from './schema.ts'

/** How a value is handed to the addon. */
const As = { Same: 0, Handle: 1, Handles: 2, DType: 3, Layout: 4, MemoryFormat: 5, Reduction: 6 } as const

interface Plan {
  readonly overload: Overload
  /** How many of the overload's parameters are passed; the rest take their defaults. */
  readonly count: number
  readonly sources: readonly (number | string | undefined)[]
  readonly as: readonly number[]
  /** One result that is a new tensor: the common case. */
  readonly givesTensor: boolean
}

class Operator {
  readonly name: string
  readonly overloads: readonly Overload[]
  readonly plans = new Map<number | string, Plan>()
  lastKey: number | string | undefined = undefined
  lastPlan: Plan | undefined = undefined

  constructor(name: string) {
    this.name = name
    this.overloads = readOverloads(native().overloads(name.includes('::') ? name : `aten::${name}`))
    if (this.overloads.length === 0) throw tensorOpMissing(name, native().info()[0])
  }
}

type NewTensor = (handle: number) => Handle
let newTensor: NewTensor

/** Tells dispatch how to make the class that results are given as. Called once, by the module that defines it. */
export function bindTensorClass(make: NewTensor): void {
  newTensor = make
}

/** The function for an operator, by its schema name: `op('log_softmax')`, `op('quantized::linear')`. */
// biome-ignore lint/suspicious/noExplicitAny: the generated declarations give each function its type
export function op(name: string): (...args: any[]) => any {
  let operator: Operator | undefined
  return (...args: unknown[]) => {
    operator ??= new Operator(name)
    return invoke(operator, args)
  }
}

/** The same as a method: the receiver is the first argument. */
// biome-ignore lint/suspicious/noExplicitAny: the generated declarations give each method its type
export function method(call: (...args: any[]) => any): (this: Handle, ...args: any[]) => any {
  return function (this: Handle, ...args: unknown[]) {
    return call(this, ...args)
  }
}

function invoke(operator: Operator, args: unknown[]): unknown {
  context()
  const plan = planFor(operator, args)
  const { count, sources, as } = plan
  const options = args[args.length - 1] as Record<string, unknown>
  const values: unknown[] = []
  for (let i = 0; i < count; i++) {
    const source = sources[i]
    const value =
      typeof source === 'number' ? args[source] : source === undefined ? undefined : options[source]
    values.push(
      as[i] === As.Handle ? (value as Handle).handle : as[i] === As.Same ? value : convert(value, as[i]!),
    )
  }
  let returned: unknown
  try {
    returned = native().call(plan.overload.index, ...values)
  } catch (thrown) {
    throw failure(thrown, operator.name, plan.overload.schema, args)
  }
  if (plan.givesTensor && returned !== null) return newTensor(returned as number)
  return results(plan, returned, args)
}

function convert(value: unknown, as: number): unknown {
  switch (as) {
    case As.Handles:
      return handlesOf(value as readonly (Handle | null | undefined)[])
    case As.DType:
      return codeOf(value as DType)
    case As.Layout:
      return layouts[value as keyof typeof layouts]
    case As.Reduction:
      return reductions[value as keyof typeof reductions]
    default:
      return memoryFormats[value as keyof typeof memoryFormats]
  }
}

/** Handles in the form the addon reads fastest; 0 stands for none. */
export function handlesOf(tensors: readonly (Handle | null | undefined)[]): Int32Array {
  const handles = new Int32Array(tensors.length)
  for (let i = 0; i < tensors.length; i++) {
    const tensor = tensors[i]
    // A freed tensor must not pass for none.
    if (tensor !== null && tensor !== undefined) handles[i] = tensor.handle === 0 ? -1 : tensor.handle
  }
  return handles
}

function planFor(operator: Operator, args: readonly unknown[]): Plan {
  let code = 1
  let options: object | undefined
  for (let i = 0; i < args.length; i++) {
    const kind = givenKind(args[i])
    if (kind === Given.Options && i === args.length - 1) options = args[i] as object
    else code = code * 32 + kind
  }
  // More than ten arguments do not fit in a safe integer.
  const exact = args.length <= 10 ? code : args.map(givenKind).join()
  const key = options === undefined ? exact : `${exact};${optionKinds(options)}`
  if (key === operator.lastKey) return operator.lastPlan!
  let plan = operator.plans.get(key)
  if (plan === undefined) {
    plan = makePlan(operator, args, options)
    operator.plans.set(key, plan)
  }
  operator.lastKey = key
  operator.lastPlan = plan
  return plan
}

function optionKinds(options: object): string {
  let text = ''
  for (const key of Object.keys(options)) {
    text += `${key}:${givenKind((options as Record<string, unknown>)[key])},`
  }
  return text
}

function makePlan(operator: Operator, args: readonly unknown[], options: object | undefined): Plan {
  const positional = (options === undefined ? args : args.slice(0, -1)).map(givenKind)
  const named = new Map(Object.entries(options ?? {}).map(([key, value]) => [key, givenKind(value)]))
  const found = match(operator.overloads, positional, named)
  if (found === undefined) {
    throw noOverload(
      operator.name,
      args,
      operator.overloads.map(({ schema }) => schema),
    )
  }
  const { overload, sources } = found
  const kindAt = (i: number): number => {
    const source = sources[i]
    return typeof source === 'number'
      ? positional[source]!
      : source === undefined
        ? Given.Undefined
        : named.get(source)!
  }
  const count = sources.findLastIndex((_, i) => kindAt(i) !== Given.Undefined) + 1
  const [only, ...more] = overload.results
  return {
    overload,
    count,
    sources,
    as: overload.parameters.map((parameter, i) => handedOver(parameter, kindAt(i))),
    givesTensor:
      only !== undefined && more.length === 0 && only.kind === Kind.Tensor && !only.list && only.argument < 0,
  }
}

function handedOver(parameter: Parameter, given: number): number {
  if (given === Given.Tensor) return As.Handle
  if (given === Given.Tensors || given === Given.TensorsOrNull) return As.Handles
  if (given === Given.EmptyArray && parameter.kind === Kind.Tensor) return As.Handles
  if (given === Given.Undefined || given === Given.Null) return As.Same
  if (given === Given.Reduction && parameter.kind === Kind.Int) return As.Reduction
  if (parameter.kind === Kind.DType) return As.DType
  if (parameter.kind === Kind.Layout) return As.Layout
  if (parameter.kind === Kind.MemoryFormat) return As.MemoryFormat
  return As.Same
}

function results(plan: Plan, returned: unknown, args: readonly unknown[]): unknown {
  const { results: expected } = plan.overload
  if (expected.length === 0) return undefined
  if (expected.length === 1) return result(plan, expected[0]!, returned, args)
  return expected.map((one, i) => result(plan, one, (returned as unknown[])[i], args))
}

function result(plan: Plan, expected: Result, value: unknown, args: readonly unknown[]): unknown {
  if (expected.argument >= 0) {
    const source = plan.sources[expected.argument]
    return typeof source === 'number'
      ? args[source]
      : (args[args.length - 1] as Record<string, unknown>)[source as string]
  }
  if (expected.kind === Kind.Tensor) {
    if (expected.list)
      return (value as (number | null)[]).map((handle) => (handle === null ? null : newTensor(handle)))
    return value === null ? null : newTensor(value as number)
  }
  if (expected.kind === Kind.DType) return dtypeOf(value as number)
  return value
}
