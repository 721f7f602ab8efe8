/** Column sums in fp32 in row order, like a C loop: ggml's quantisers decide by these sums, so another order could change the result. */

import type { Tensor } from '@hadal/tensor'

/** The rows of x_kg, [...] of [k, ...], as views that may be read again and again. */
export const rowsOf = (x_kg: Tensor): readonly Tensor[] =>
  Array.from({ length: x_kg.shape[0]! }, (_, row) => x_kg.select(0, row))

export function sumInOrder([first, ...others]: readonly Tensor[]): Tensor {
  const sum = first!.clone()
  for (const row of others) sum.add_(row)
  return sum
}
