/**
 * The best classes of an output instead of its numbers, as Triton's classification extension has it: `VALUE:INDEX` or
 * `VALUE:INDEX:LABEL` for each of the best, in their order. Pure.
 */

import { elementCount, type TensorValue } from '@hadal/engine'
import { numbersOf } from './write-tensors.ts'

/** `hasRows`: the first dimension is that of rows, each with classes of its own. Undefined where it has no numbers to compare. */
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

/** The largest first, of equals the first; what is no number comes last. */
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

/** With as many digits as the type has. */
function inWords(value: number | bigint, dtype: TensorValue['dtype']): string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value)
  if (dtype === 'float32') return String(Number(value.toPrecision(7)))
  if (dtype === 'float16') return String(Number(value.toPrecision(4)))
  return String(value)
}
