/** Next-token cross-entropy, summed, so that the caller divides by the tokens of the whole (accumulated) batch. */

import { type Tensor, torch } from '@hadal/tensor'

/** A target with this value carries no loss. */
export const ignoreIndex: number = -100

const reductionSum = 2

/** Sum over positions whose target is not `ignoreIndex`. logits [b, t, v] in any float dtype, targets int64 [b, t]. */
export function summedTokenLoss(logits_btv: Tensor, targets_bt: Tensor): Tensor {
  const vocabulary = logits_btv.shape.at(-1)!
  return torch.crossEntropyLoss(logits_btv.reshape([-1, vocabulary]).float(), targets_bt.reshape([-1]), {
    reduction: reductionSum,
    ignoreIndex,
  })
}
