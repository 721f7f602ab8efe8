/**
 * Heads on a decoder's last hidden state: classes, or a scalar reward. Their parameter is `score.weight`, as in a Hugging Face
 * checkpoint; uninitialised, as in every layer. Shapes: b batch, t time, d hidden, c classes.
 */

import { type DType, scope, type Tensor, torch } from '@hadal/tensor'
import { Linear } from '../layers.ts'
import { Module } from '../module.ts'
import { checkShape } from './summed-loss.ts'

/**
 * Hidden states [b, t, d] at the last set position of `mask_bt` (bool, or 0 and 1; false on padding on either side), or at the end
 * of the row without it: [b, d]. A row of only padding gives its first state. Throws `nn_objective_shape_mismatch`.
 *
 * @internal
 */
export function lastHidden(hidden_btd: Tensor, mask_bt?: Tensor): Tensor {
  const [b, t, d] = hidden_btd.shape as [number, number, number]
  if (!mask_bt) return hidden_btd.select(1, t - 1)
  checkShape('mask_bt', mask_bt, [b, t])
  return scope(() => {
    const last_b = mask_bt.bool().long().mul(torch.arange(t)).amax(1)
    return hidden_btd.gather(1, last_b.reshape([b, 1, 1]).expand([b, 1, d])).squeeze(1)
  })
}

/**
 * Classes instead of tokens: on the state of each row's last token.
 *
 * @example
 * ```ts
 * import { ClassificationHead } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const head = new ClassificationHead(32, 3, 'float32') // hidden size, classes
 * head.forward(torch.randn([2, 5, 32])).shape // → [ 2, 3 ]
 * ```
 */
export class ClassificationHead extends Module {
  readonly score: Linear

  constructor(hidden: number, classes: number, dtype: DType) {
    super()
    this.score = new Linear(hidden, classes, dtype)
  }

  /** Hidden states [b, t, d], and which tokens are no padding [b, t], to logits [b, c]. */
  forward(hidden_btd: Tensor, mask_bt?: Tensor): Tensor {
    return scope(() => this.score.forward(lastHidden(hidden_btd, mask_bt)))
  }
}

/**
 * One number a row, on the state of its last token.
 *
 * @example
 * ```ts
 * import { RewardHead } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const head = new RewardHead(32, 'float32')
 * head.forward(torch.randn([2, 5, 32])).shape // → [ 2 ]
 * ```
 */
export class RewardHead extends Module {
  readonly score: Linear

  constructor(hidden: number, dtype: DType) {
    super()
    this.score = new Linear(hidden, 1, dtype)
  }

  /** Hidden states [b, t, d], and which tokens are no padding [b, t], to rewards [b]. */
  forward(hidden_btd: Tensor, mask_bt?: Tensor): Tensor {
    return scope(() => this.score.forward(lastHidden(hidden_btd, mask_bt)).squeeze(-1))
  }
}
