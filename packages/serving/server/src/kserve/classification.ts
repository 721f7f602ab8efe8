/**
 * Triton's classification extension: the top classes of an output instead of its numbers, as `VALUE:INDEX` or `VALUE:INDEX:LABEL`, best
 * first. Pure.
 */

import { elementCount, type TensorValue } from '@hadal/engine'
import { numbersOf } from './write-tensors.ts'

/** `hasRows`: the first dimension is the batch. Undefined for non-numeric outputs. */
export function classified(
  { name, dtype, dims, data }: TensorValue,
  wanted: number,
  hasRows: boolean,
  labels: readonly string[] | undefined,
): TensorValue | undefined {
  if (!(data instanceof Uint8Array) || dtype === 'bool') return undefined
  const rows = hasRows ? dims[0]! : 1
  const classes = elementCount(dims) / rows
  const count = Math.min(wanted, classes)
  const all = numbersOf(dtype, data)
  const texts: string[] = []
  for (let row = 0; row < rows; row += 1) {
    const values = all.subarray(row * classes, (row + 1) * classes)
    for (const index of best(values, count)) {
      const label = labels?.[index]
      texts.push(`${inWords(values[index]!, dtype)}:${index}${label === undefined ? '' : `:${label}`}`)
    }
  }
  return { name, dtype: 'string', dims: hasRows ? [rows, count] : [count], data: texts }
}

/** Descending; ties by index; NaN last. */
function best(values: ArrayLike<number | bigint>, count: number): number[] {
  const rank = (value: number | bigint): number | bigint =>
    typeof value === 'number' && Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
  return Array.from({ length: values.length }, (_, index) => index)
    .sort((one, other) => {
      const [a, b] = [rank(values[one]!), rank(values[other]!)]
      return a === b ? one - other : a < b ? 1 : -1
    })
    .slice(0, count)
}

/** Formatted with the type's precision. */
function inWords(value: number | bigint, dtype: TensorValue['dtype']): string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value)
  if (dtype === 'float32') return String(Number(value.toPrecision(7)))
  if (dtype === 'float16') return String(Number(value.toPrecision(4)))
  return String(value)
}
