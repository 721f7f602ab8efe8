/** Reductions of tensor-parallel ranks before an update: partial gradients, and norms over all parts. */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { Shard } from './divided-layers.ts'
import { isPartial } from './shard-of.ts'
import type { CutOf } from './shard-state.ts'

/**
 * Sums, in place, the gradients of parameters that every rank of the tensor group has whole and sees only a part of.
 *
 * @internal
 */
export function sumPartialGradients(
  names: readonly string[],
  gradients: readonly Tensor[],
  cutOf: CutOf,
  { tensor, sequence }: Shard,
): void {
  const partial = gradients.filter((_, at) => isPartial(names[at]!, cutOf(names[at]!), sequence))
  if (tensor.size === 1 || partial.length === 0) return
  noGrad(() =>
    scope(() => {
      const all = torch.cat(partial.map((gradient) => gradient.flatten()))
      tensor.allReduce_(all)
      const sums = all.split(partial.map(({ numel }) => numel))
      torch._foreachCopy_(
        partial,
        sums.map((sum, at) => sum.view([...partial[at]!.shape])),
      )
    }),
  )
}

/**
 * `squares_p`, fp32: squared norms of this rank's parts of `names`. Reduced in place to those of the whole, each parameter counted
 * once; experts with the same local index share an entry. Equal on all ranks of both groups.
 *
 * @internal
 */
export function sumSquares_(
  squares_p: Tensor,
  names: readonly string[],
  cutOf: CutOf,
  { tensor, expert }: Shard,
): void {
  const over = (group: Shard['tensor'], isCut: (name: string) => boolean): void => {
    if (group.size === 1) return
    if (group.rank > 0) {
      const counted = names.map((name) => (isCut(name) ? 1 : 0))
      // Not a product, because non-finite values must be excluded too.
      squares_p.maskedFill_(torch.tensor(counted).eq(0), 0)
    }
    group.allReduce_(squares_p)
  }
  noGrad(() =>
    scope(() => {
      over(tensor, (name) => cutOf(name).dim !== undefined)
      over(expert, (name) => cutOf(name).owner !== undefined)
    }),
  )
}
