/**
 * Joins rows of several requests along the first dimension and splits the results: byte copies only, so rows are bit-identical
 * wherever they are. Pure.
 */

import type { TensorSpec, TensorValue } from '../tensor-value.ts'

/** The consecutive rows of one request in a run. */
export interface RowRange {
  readonly inputs: readonly TensorValue[]
  readonly from: number
  readonly count: number
}

/** Tensors that may share a run: equal except for their first dimension. */
export function signatureOf(inputs: readonly TensorValue[]): string {
  const parts = inputs.map(({ name, dims }) => `${name}:${dims.slice(1).join('x')}`)
  return parts.sort().join(' ')
}

/** Each input of the model with all rows in order; the last row is repeated up to `padTo`. */
export function joinRows(
  ranges: readonly RowRange[],
  specs: readonly TensorSpec[],
  padTo = 0,
): TensorValue[] {
  const rows = ranges.reduce((sum, { count }) => sum + count, 0)
  const padding = Math.max(0, padTo - rows)
  return specs.map(({ name, dtype }) => {
    const parts = ranges.map((range) => rowsOf(inputOf(range, name), range.from, range.count))
    const { dims } = inputOf(ranges[0]!, name)
    const last = parts.at(-1)!
    const each = last.length / ranges.at(-1)!.count
    for (let at = 0; at < padding; at += 1) parts.push(last.slice(last.length - each))
    return { name, dtype, dims: [rows + padding, ...dims.slice(1)], data: concatenated(parts) }
  })
}

const inputOf = ({ inputs }: RowRange, wanted: string): TensorValue =>
  inputs.find(({ name }) => name === wanted)!

/** A view of some rows; a copy for texts. */
export function rowsOf({ dims, data }: TensorValue, from: number, count: number): TensorValue['data'] {
  const each = data.length / dims[0]!
  return data instanceof Uint8Array
    ? data.subarray(from * each, (from + count) * each)
    : data.slice(from * each, (from + count) * each)
}

export function concatenated(parts: readonly TensorValue['data'][]): TensorValue['data'] {
  if (parts.length === 1) return parts[0]!
  if (!(parts[0] instanceof Uint8Array)) return (parts as readonly (readonly string[])[]).flat()
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts as readonly Uint8Array[]) {
    all.set(part, at)
    at += part.length
  }
  return all
}
