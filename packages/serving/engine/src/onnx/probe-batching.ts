/**
 * Determines how requests can share a run of a model: from its shapes, verified by computing rows alone and batched. This
 * detects a first dimension that is not a batch (a sequence, say) and scales computed over the whole batch, before any client
 * gets a wrong result. Independent of the runtime.
 */

import { isHadalError } from '@hadal/base'
import { fromFloat16 } from '@hadal/formats'
import type { TensorBatching, TensorDtype, TensorSpec, TensorValue } from '../tensor-value.ts'
import { elementBytes, elementCount } from '../tensor-value.ts'
import { dataOf, elementsOf } from './element-arrays.ts'
import { joinRows, rowsOf } from './rows.ts'

export interface ProbedModel {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  run(feeds: readonly TensorValue[], outputs: readonly string[]): Promise<readonly TensorValue[]>
}

export interface ProbeOptions {
  /** Rows must be bit-identical in any batch; otherwise their last digits may differ. */
  readonly bitEqual: boolean
  /** False: nothing is computed, and the declared shapes are trusted. */
  readonly mayRun: boolean
}

/** Relative to the largest value of an output: far above the effect of summation order, far below that of a different scale. */
const tolerance = 1e-4
/** Sizes to try for free dimensions other than the first: images, sequences. */
const freeSizes: readonly number[] = [8, 1, 32, 224]

export async function probeBatching(model: ProbedModel, options: ProbeOptions): Promise<TensorBatching> {
  const declared = declaredBatching(model)
  if (!options.mayRun || declared.kind === 'none' || declared.rows === 1) {
    // The first run allocates memory that later ones reuse.
    if (options.mayRun) await tryRows(model, [1], false)
    return declared
  }
  const alone = declared.rows ?? 1
  const tried = await tryRows(model, declared.rows === undefined ? [1, 1] : [alone, alone], true)
  if (tried === undefined) {
    const isNamed = firstNames(model).every((name) => name === '' || /batch|^n$|^b$|^bs$/i.test(name))
    return declared.kind === 'fixed' || !isNamed
      ? { kind: 'none', reason: 'no made-up input could be computed, so independence of rows is unproven' }
      : { ...declared, reason: `${declared.reason}; unproven: no made-up input could be computed` }
  }
  const { worst, isSame } = tried
  if (isSame) return { ...declared, reason: `${declared.reason}; rows are bit-identical in any batch` }
  const figure = worst.toExponential(1)
  if (worst > tolerance)
    return { kind: 'none', reason: `rows depend on their batch, by ${figure} of the largest value` }
  return options.bitEqual
    ? {
        kind: 'none',
        reason: `rows depend on their batch, by ${figure}, and batchInvariant asks for the same bits`,
      }
    : {
        ...declared,
        reason: `${declared.reason}; rows depend on their batch by ${figure} of the largest value`,
      }
}

/** From the shapes alone. */
function declaredBatching({ inputs, outputs }: ProbedModel): TensorBatching {
  const firsts = [...inputs, ...outputs].map(({ dims }) => dims[0])
  if (inputs.length === 0 || outputs.length === 0 || firsts.includes(undefined))
    return { kind: 'none', reason: 'an input or output has no dimensions' }
  if (firsts.every((first) => typeof first === 'string'))
    return { kind: 'free', reason: 'the first dimension is free' }
  const [rows] = firsts
  if (typeof rows === 'number' && firsts.every((first) => first === rows))
    return {
      kind: 'fixed',
      rows,
      reason: `the first dimension is ${rows} everywhere${rows === 1 ? ': one row at a time' : ''}`,
    }
  return { kind: 'none', reason: 'the first dimensions differ, so they are no batch' }
}

const firstNames = ({ inputs }: ProbedModel): string[] =>
  inputs.flatMap(({ dims }) => (typeof dims[0] === 'string' ? [dims[0]] : []))

interface Tried {
  /** The largest difference relative to the largest value of its output. */
  readonly worst: number
  readonly isSame: boolean
}

/**
 * Runs parts with these numbers of rows, and compares them with the same rows in other batches: concatenated where any number
 * is accepted, swapped where not. Undefined if no size of the free dimensions works.
 */
async function tryRows(
  model: ProbedModel,
  parts: readonly number[],
  compare: boolean,
): Promise<Tried | undefined> {
  const names = model.outputs.map(({ name }) => name)
  const hasFree = model.inputs.some(({ dims }) => dims.slice(1).some((dim) => typeof dim === 'string'))
  for (const size of hasFree ? freeSizes : freeSizes.slice(0, 1)) {
    try {
      const made = parts.map((rows, part) => model.inputs.map((spec) => madeUp(spec, rows, size, part)))
      const alone: (readonly TensorValue[])[] = []
      for (const inputs of made) alone.push(await model.run(inputs, names))
      if (!compare) return { worst: 0, isSame: true }
      const [first, second] = made as [TensorValue[], TensorValue[]]
      const rows = parts[0]!
      const isFixed = typeof model.inputs[0]!.dims[0] === 'number'
      const ranges = isFixed
        ? // The first row of the second part, before the rest of the first.
          [
            { inputs: second, from: 0, count: 1 },
            { inputs: first, from: 1, count: rows - 1 },
          ]
        : [first, second].map((inputs) => ({ inputs, from: 0, count: rows }))
      const together = await model.run(joinRows(ranges, model.inputs), names)
      const expected = isFixed
        ? [
            { of: alone[1]!, from: 0, count: 1, at: 0 },
            { of: alone[0]!, from: 1, count: rows - 1, at: 1 },
          ]
        : alone.map((of, part) => ({ of, from: 0, count: rows, at: part * rows }))
      return worstOf(
        expected.flatMap(({ of, from, count, at }) =>
          of.map((value, output) => differenceOf(value, from, together[output]!, at, count)),
        ),
      )
    } catch (thrown) {
      if (!isHadalError(thrown)) throw thrown
    }
  }
  return undefined
}

const worstOf = (all: readonly Tried[]): Tried => ({
  worst: Math.max(...all.map(({ worst }) => worst)),
  isSame: all.every(({ isSame }) => isSame),
})

/** Compares rows of two tensors. If their number is not the expected one, nothing matches. */
function differenceOf(one: TensorValue, from: number, other: TensorValue, at: number, count: number): Tried {
  const isWhole = ({ dims }: TensorValue, end: number): boolean => (dims[0] ?? 0) >= end
  if (!isWhole(one, from + count) || !isWhole(other, at + count)) return { worst: 1, isSame: false }
  const [a, b] = [rowsOf(one, from, count), rowsOf(other, at, count)]
  if (a.length === b.length && a.every((value, place) => value === b[place]))
    return { worst: 0, isSame: true }
  const { dtype } = one
  if (!dtype.startsWith('float') || a.length !== b.length) return { worst: 1, isSame: false }
  const [x, y] = [numbersOf(dtype, a), numbersOf(dtype, b)]
  let [largest, worst] = [0, 0]
  for (const [place, value] of x.entries()) {
    largest = Math.max(largest, Math.abs(value))
    const difference = Math.abs(value - y[place]!)
    // NaN on one side only is the worst difference.
    worst = Math.max(
      worst,
      Number.isNaN(difference) && !(Number.isNaN(value) && Number.isNaN(y[place])) ? 1 : difference || 0,
    )
  }
  return { worst: worst / Math.max(largest, Number.MIN_VALUE), isSame: false }
}

function numbersOf(dtype: TensorDtype, data: TensorValue['data']): number[] {
  const elements = elementsOf({ dtype, data: new Uint8Array(data as Uint8Array) })
  return Array.from(dtype === 'float16' ? fromFloat16(elements as Uint16Array) : (elements as Float32Array))
}

/** Small reproducible numbers that differ between rows; 0 and 1 for integers, which are valid indices in most tables. */
function madeUp({ name, dtype, dims }: TensorSpec, rows: number, size: number, part: number): TensorValue {
  const shape = [rows, ...dims.slice(1).map((dim) => (typeof dim === 'number' ? dim : size))]
  if (dims.length === 0) shape.length = 0
  const count = elementCount(shape)
  if (dtype === 'string') return { name, dtype, dims: shape, data: Array<string>(count).fill(`a${part}`) }
  const elements = elementsOf({ dtype, data: new Uint8Array(count * elementBytes[dtype]) })
  let state = 12_345 + part
  for (let at = 0; at < count; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const share = state / 2 ** 32
    const whole = share < 0.5 ? 0 : 1
    const value =
      dtype === 'float16' ? Math.floor(share * 0x3c00) : dtype.startsWith('float') ? 2 * share - 1 : whole
    ;(elements as unknown as Record<number, number | bigint>)[at] = dtype.endsWith('int64')
      ? BigInt(value)
      : value
  }
  return { name, dtype, dims: shape, data: dataOf(elements) }
}
