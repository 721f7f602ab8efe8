/** Next-token cross-entropy, summed, so that the caller divides by the tokens of the whole (accumulated) batch. */

import { type Tensor, torch } from '@hadal/tensor'

/**
 * A target with this value carries no loss.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { ignoreIndex, tokenLoss } from '@hadal/nn'
 *
 * const targets_bt = torch.tensor([[5, ignoreIndex]], { dtype: 'int64' }) // nothing is learnt from the second
 * tokenLoss(torch.zeros([1, 2, 10]), targets_bt).count // → 1
 * ```
 */
export const ignoreIndex: number = -100

const reductionSum = 2

/**
 * Sum over positions whose target is not `ignoreIndex`. logits [b, t, v] in any float dtype, targets int64 [b, t].
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { summedTokenLoss } from '@hadal/nn'
 *
 * const logits_btv = torch.zeros([1, 2, 10])
 * Number(summedTokenLoss(logits_btv, torch.tensor([[1, 2]], { dtype: 'int64' })).item()).toFixed(3) // → '4.605'
 * ```
 */
export function summedTokenLoss(logits_btv: Tensor, targets_bt: Tensor): Tensor {
  const vocabulary = logits_btv.shape.at(-1)!
  return torch.crossEntropyLoss(logits_btv.reshape([-1, vocabulary]).float(), targets_bt.reshape([-1]), {
    reduction: reductionSum,
    ignoreIndex,
  })
}
