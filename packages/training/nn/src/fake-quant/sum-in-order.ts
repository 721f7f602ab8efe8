/**
 * Sums of columns in fp32 that add one row after the other, as a loop in C does: ggml's quantisers choose by them, so another order
 * would at times choose otherwise.
 */

import type { Tensor } from '@hadal/tensor'

/** The rows of x_kg, [...] of [k, ...], as views that may be read again and again. */
export const rowsOf = (x_kg: Tensor): readonly Tensor[] =>
  Array.from({ length: x_kg.shape[0]! }, (_, row) => x_kg.select(0, row))

export function sumInOrder([first, ...others]: readonly Tensor[]): Tensor {
  const sum = first!.clone()
  for (const row of others) sum.add_(row)
  return sum
}
