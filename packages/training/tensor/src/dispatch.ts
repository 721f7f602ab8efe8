/**
 * Calls operators. A table per operator caches, by the kinds of the arguments, the overload and the conversion of each value; the
 * first call with new kinds resolves them.
 */

import { context } from './context.ts'
import { type Complex, codeOf, type DType, dtypeOf, layouts, memoryFormats, reductions } from './dtype.ts'
import { tensorOpMissing } from './errors.ts'
import { failure, noOverload } from './failure.ts'
import { Handle } from './handle.ts'
import { Given, givenKind, match } from './match.ts'
import { native } from './native.ts'
import { camelCase, Kind, type Overload, type Parameter, readOverloads } from './schema.ts'
import {
  begin,
  readResult,
  send,
  sendTensors,
  Tag,
  writeBigInt,
  writeComplex,
  writeList,
  writeNumber,
  writeString,
  writeStrings,
  writeTag,
  writeTensors,
} from './wire.ts'

/** How a value is written; alongside those named like tags, names that stand for numbers. */
const As = { ...Tag, DType: 20, Layout: 21, MemoryFormat: 22, Reduction: 23 } as const

interface Plan {
  readonly overload: Overload
  /** For each parameter passed (the rest take their defaults): an argument's place, an option's key, or neither. */
  readonly sources: readonly (number | string | undefined)[]
  readonly as: readonly number[]
}

class Operator {
  /** As callers spell it. */
  readonly name: string
  readonly overloads: readonly Overload[]
  readonly plans = new Map<number | string, Plan>()
  lastKey: number | string | undefined = undefined
  lastPlan: Plan | undefined = undefined
  /** For one and for two tensors and nothing else, to one new tensor: known after the first such call. */
  simplePlans: [Plan | undefined, Plan | undefined] = [undefined, undefined]

  constructor(name: string) {
    this.name = camelCase(name)
    this.overloads = readOverloads(native().overloads(name.includes('::') ? name : `aten::${name}`))
    if (this.overloads.length === 0) throw tensorOpMissing(name, native().info()[0])
  }
}

type NewTensor = (handle: number) => Handle
let newTensor: NewTensor

/** Registers the constructor of result tensors. Called once, by the module that defines the class. */
export function bindTensorClass(make: NewTensor): void {
  newTensor = make
}

const operators = new WeakMap<object, () => Operator>()

/**
 * The function for an operator, by its schema name: `op('log_softmax')`, `op('quantized::linear')`.
 *
 * @example
 * ```ts
 * import { op, torch } from '@hadal/tensor'
 *
 * const relu = op('aten::relu') // any registered operator, untyped
 * relu(torch.tensor([-1, 2])).toArray() // → [ 0, 2 ]
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: the generated declarations give each function its type
export function op(name: string): (...args: any[]) => any {
  let operator: Operator | undefined
  const call = (...args: unknown[]): unknown => {
    operator ??= new Operator(name)
    return invoke(operator, args)
  }
  operators.set(call, () => (operator ??= new Operator(name)))
  return call
}

/**
 * The loaded library's overloads of a function: `schemasOf(torch.add)`. Empty for other functions.
 *
 * @example
 * ```ts
 * import { schemasOf, torch } from '@hadal/tensor'
 *
 * schemasOf(torch.relu) // → [ 'aten::relu(Tensor self) -> Tensor', 'aten::relu.out(Tensor self, *, Tensor(a!) out) -> Tensor(a!)' ]
 * ```
 */
export function schemasOf(call: (...args: never[]) => unknown): string[] {
  return (
    operators
      .get(call)?.()
      .overloads.map(({ schema }) => schema) ?? []
  )
}

/** The same as a method: the receiver is the first argument. */
// biome-ignore lint/suspicious/noExplicitAny: the generated declarations give each method its type
export function method(call: (...args: any[]) => any): (this: Handle, ...args: any[]) => any {
  return function (this: Handle, first?: unknown, second?: unknown) {
    // biome-ignore lint/complexity/noArguments: a rest parameter would build an array only to build another
    const given = arguments
    if (given.length === 0) return call(this)
    if (given.length === 1) return call(this, first)
    return given.length === 2 ? call(this, first, second) : call(this, ...given)
  }
}

function invoke(operator: Operator, args: readonly unknown[]): unknown {
  context()
  if (args.length === 1 || args.length === 2) {
    const [first, second] = args
    const simple = operator.simplePlans[args.length - 1]
    if (simple !== undefined && first instanceof Handle && (args.length === 1 || second instanceof Handle)) {
      return invokeSimple(operator, simple, first, second as Handle | undefined)
    }
  }
  const plan = planFor(operator, args)
  try {
    write(plan, args)
    send()
  } catch (thrown) {
    throw failure(thrown, operator.name, plan.overload.schema, args)
  }
  const { results } = plan.overload
  if (results.length === 1) return result(plan, 0, args)
  return results.length === 0 ? undefined : results.map((_, i) => result(plan, i, args))
}

/** What `invoke` does for `simplePlans`, without looking anything up. */
function invokeSimple(operator: Operator, plan: Plan, first: Handle, second: Handle | undefined): unknown {
  let handle: number
  try {
    // A freed tensor's handle is 0, which must not pass for no tensor.
    handle = sendTensors(plan.overload.index, first.handle, second === undefined ? 0 : second.handle || -1)
  } catch (thrown) {
    throw failure(
      thrown,
      operator.name,
      plan.overload.schema,
      second === undefined ? [first] : [first, second],
    )
  }
  return handle === 0 ? null : newTensor(handle)
}

function write({ overload, sources, as }: Plan, args: readonly unknown[]): void {
  begin(overload.index, sources.length)
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]
    const value = typeof source === 'number' ? args[source] : option(args, source)
    switch (as[i]) {
      case As.Tensor:
        writeNumber(Tag.Tensor, (value as Handle).handle)
        break
      case As.Number:
        writeNumber(Tag.Number, value as number)
        break
      case As.Boolean:
        writeNumber(Tag.Boolean, value === true ? 1 : 0)
        break
      case As.Numbers:
        writeList(Tag.Numbers, value as readonly unknown[])
        break
      case As.Tensors:
        writeTensors(value as readonly (Handle | null | undefined)[])
        break
      case As.Missing:
      case As.Null:
        writeTag(as[i]!)
        break
      default:
        writeRare(as[i]!, value)
    }
  }
}

function writeRare(as: number, value: unknown): void {
  if (as === As.BigInt) writeBigInt(value as bigint)
  else if (as === As.String) writeString(value as string)
  else if (as === As.Strings) writeStrings(value as readonly string[])
  else if (as === As.Complex) writeComplex(value as Complex)
  else if (as === As.Booleans) writeList(Tag.Booleans, value as readonly unknown[])
  else writeNumber(Tag.Number, codeFor(as, value as string))
}

/** The number that libtorch has for a name. */
function codeFor(as: number, name: string): number {
  if (as === As.DType) return codeOf(name as DType)
  if (as === As.Layout) return layouts[name as keyof typeof layouts]
  if (as === As.MemoryFormat) return memoryFormats[name as keyof typeof memoryFormats]
  return reductions[name as keyof typeof reductions]
}

function option(args: readonly unknown[], key: string | undefined): unknown {
  return key === undefined ? undefined : (args[args.length - 1] as Record<string, unknown>)[key]
}

function result({ overload, sources }: Plan, i: number, args: readonly unknown[]): unknown {
  const { kind, argument } = overload.results[i]!
  if (argument < 0) {
    const value = readResult(newTensor)
    return kind === Kind.DType ? dtypeOf(value as number) : value
  }
  const source = sources[argument]
  return typeof source === 'number' ? args[source] : option(args, source)
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
    if (isSimple(plan) && args.length === plan.sources.length) operator.simplePlans[args.length - 1] = plan
  }
  operator.lastKey = key
  operator.lastPlan = plan
  return plan
}

/** Nothing but one or two tensors, in their places, to one new tensor. */
function isSimple({ overload: { results }, sources, as }: Plan): boolean {
  const tensorsInPlace = sources.every((source, i) => source === i && as[i] === As.Tensor)
  const [result, ...more] = results
  const newTensor = result?.kind === Kind.Tensor && !result.list && result.argument < 0 && more.length === 0
  return tensorsInPlace && newTensor && (sources.length === 1 || sources.length === 2)
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
  // Passed options that are undefined.
  while (positional.at(-1) === Given.Undefined) positional.pop()
  const named = new Map(Object.entries(options ?? {}).map(([key, value]) => [key, givenKind(value)]))
  const found = match(operator.overloads, positional, named)
  if (found === undefined) {
    const schemas = operator.overloads.map(({ schema }) => schema)
    throw noOverload(operator.name, args, schemas)
  }
  const { overload } = found
  const kinds = found.sources.map((source) => {
    if (source === undefined) return Given.Undefined
    return typeof source === 'number' ? positional[source]! : named.get(source)!
  })
  const count = kinds.findLastIndex((kind) => kind !== Given.Undefined) + 1
  const passed = kinds.slice(0, count)
  return {
    overload,
    sources: found.sources.slice(0, count),
    as: passed.map((kind, i) => handedOver(overload.parameters[i]!, kind)),
  }
}

const tagFor: Readonly<Record<number, number>> = {
  [Given.Undefined]: As.Missing,
  [Given.Null]: As.Null,
  [Given.Tensor]: As.Tensor,
  [Given.Number]: As.Number,
  [Given.Boolean]: As.Boolean,
  [Given.BigInt]: As.BigInt,
  [Given.Numbers]: As.Numbers,
  [Given.Booleans]: As.Booleans,
  [Given.Tensors]: As.Tensors,
  [Given.TensorsOrNull]: As.Tensors,
  [Given.Strings]: As.Strings,
  [Given.Complex]: As.Complex,
}

function handedOver({ kind }: Parameter, given: number): number {
  if (given === Given.EmptyArray) {
    if (kind === Kind.Tensor) return As.Tensors
    return kind === Kind.Bool ? As.Booleans : kind === Kind.String ? As.Strings : As.Numbers
  }
  const tag = tagFor[given]
  if (tag !== undefined) return tag
  if (kind === Kind.DType) return As.DType
  if (kind === Kind.Layout) return As.Layout
  if (kind === Kind.MemoryFormat) return As.MemoryFormat
  return kind === Kind.Int ? As.Reduction : As.String
}
