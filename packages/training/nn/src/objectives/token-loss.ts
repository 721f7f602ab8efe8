/**
 * Next-token cross entropy with a mask, label smoothing and z-loss, and log-probabilities of sequences. Shapes: b batch, t time, v
 * vocabulary.
 */

import { recordRange, scope, type Tensor, torch } from '@hadal/tensor'
import { ignoreIndex } from '../loss.ts'
import { checkOptions, checkShape, type SummedLoss, total } from './summed-loss.ts'

const reductionNone = 0

export interface TokenLossOptions {
  /** [b, t], bool or non-negative weights of the targets. Default: 1. */
  readonly mask?: Tensor | undefined
  /** Probability mass spread evenly over all tokens (Szegedy et al. 2016, arXiv:1512.00567). Default: 0. */
  readonly labelSmoothing?: number | undefined
  /** Times log² of the softmax's sum, which keeps logits from drifting (PaLM, arXiv:2204.02311: 1e-4). Default: 0. */
  readonly zLoss?: number | undefined
}

/**
 * int64 [b, t] tokens to the targets [b, t] of a model that reads them: each position's next token, `ignoreIndex` at the
 * last. Where `learn_bt` (bool) is given, tokens for which it is false are no target.
 *
 * @example
 * ```ts
 * import { nextTokenTargets } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * nextTokenTargets(torch.tensor([[5, 6, 7]], { dtype: 'int64' })).toArray() // → [ [ 6, 7, -100 ] ]
 * ```
 */
export function nextTokenTargets(ids_bt: Tensor, learn_bt?: Tensor): Tensor {
  if (learn_bt) checkShape('learn_bt', learn_bt, ids_bt.shape)
  return scope(() => {
    const learnt = learn_bt ? ids_bt.maskedFill(learn_bt.bool().logicalNot(), ignoreIndex) : ids_bt
    const end = torch.fullLike(ids_bt.narrow(1, 0, 1), ignoreIndex)
    return torch.cat([learnt.narrow(1, 1, ids_bt.shape[1]! - 1), end], 1)
  })
}

/**
 * Weighted sum of the cross entropy of logits [b, t, v] (any float dtype, computed in fp32) against int64 targets [b, t], plus
 * z-loss. Targets of `ignoreIndex` or weight 0 are ignored. Throws `nn_objective_shape_mismatch` and `nn_objective_option_invalid`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { nextTokenTargets, tokenLoss } from '@hadal/nn'
 *
 * const ids_bt = torch.tensor([[1, 2, 3]], { dtype: 'int64' })
 * const { sum, count } = tokenLoss(torch.zeros([1, 3, 10]), nextTokenTargets(ids_bt), { labelSmoothing: 0.1 })
 * count // → 2
 * Number(sum.div(count).item()).toFixed(3) // → '2.303'
 * ```
 */
export function tokenLoss(
  logits_btv: Tensor,
  targets_bt: Tensor,
  { mask, labelSmoothing = 0, zLoss = 0 }: TokenLossOptions = {},
): SummedLoss {
  checkOptions([
    ['labelSmoothing', labelSmoothing, labelSmoothing >= 0 && labelSmoothing < 1, 'from 0 to below 1'],
    ['zLoss', zLoss, zLoss >= 0 && zLoss < Number.POSITIVE_INFINITY, 'at least 0'],
  ])
  checkShape('targets_bt', targets_bt, logits_btv.shape.slice(0, -1))
  if (mask) checkShape('mask', mask, targets_bt.shape)
  const sumUp = (): SummedLoss => {
    const logits_nv = logits_btv.reshape([-1, logits_btv.shape.at(-1)!]).float()
    const { targets_n, weights_n } = weighted(targets_bt.reshape([-1]), mask?.reshape([-1]))
    let loss_n = crossEntropies(logits_nv, targets_n, labelSmoothing)
    if (zLoss > 0) loss_n = loss_n.add(torch.logsumexp(logits_nv, -1).square().mul(zLoss))
    return { sum: loss_n.mul(weights_n).sum(), count: total(weights_n) }
  }
  return recordRange('module:loss', () => scope(sumUp))
}

export interface SequenceLogProbs {
  /** [b], fp32: the sum over each sequence's targets. */
  readonly logProbs_b: Tensor
  /** [b], fp32: how many targets each has; divide by it for the mean that IPO compares. */
  readonly counts_b: Tensor
}

/**
 * log p of each sequence's targets (int64 [b, t], `ignoreIndex` or `mask` 0 left out) under logits [b, t, v]. Throws
 * `nn_objective_shape_mismatch`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { ignoreIndex, sequenceLogProbs } from '@hadal/nn'
 *
 * const logits_btv = torch.zeros([1, 3, 10])
 * const { logProbs_b, counts_b } = sequenceLogProbs(logits_btv, torch.tensor([[1, 2, ignoreIndex]], { dtype: 'int64' }))
 * counts_b.toArray() // → [ 2 ]
 * Number(logProbs_b.get(0).item()).toFixed(3) // → '-4.605'
 * ```
 */
export function sequenceLogProbs(logits_btv: Tensor, targets_bt: Tensor, mask?: Tensor): SequenceLogProbs {
  checkShape('targets_bt', targets_bt, logits_btv.shape.slice(0, -1))
  if (mask) checkShape('mask', mask, targets_bt.shape)
  return scope(() => {
    const logits_nv = logits_btv.reshape([-1, logits_btv.shape.at(-1)!]).float()
    const { targets_n, weights_n } = weighted(targets_bt.reshape([-1]), mask?.reshape([-1]))
    const logProbs_n = crossEntropies(logits_nv, targets_n, 0).mul(weights_n).neg()
    const perSequence = (x_n: Tensor): Tensor => x_n.reshape([...targets_bt.shape]).sum(1)
    return { logProbs_b: perSequence(logProbs_n), counts_b: perSequence(weights_n) }
  })
}

/** Ignored targets become `ignoreIndex`: under a mask of 0, even an out-of-range token is harmless. */
function weighted(targets_n: Tensor, mask_n: Tensor | undefined): { targets_n: Tensor; weights_n: Tensor } {
  const counted_n = targets_n.ne(ignoreIndex).float()
  if (!mask_n) return { targets_n, weights_n: counted_n }
  const weights_n = counted_n.mul(mask_n.float())
  return { targets_n: targets_n.maskedFill(weights_n.eq(0), ignoreIndex), weights_n }
}

const crossEntropies = (logits_nv: Tensor, targets_n: Tensor, labelSmoothing: number): Tensor =>
  torch.crossEntropyLoss(logits_nv, targets_n, { reduction: reductionNone, ignoreIndex, labelSmoothing })
