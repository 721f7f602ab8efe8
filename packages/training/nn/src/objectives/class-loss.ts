/** Classification losses: single-label (softmax) or multi-label (sigmoid). Shapes: b examples, c classes. */

import { recordRange, scope, type Tensor, torch } from '@hadal/tensor'
import { ignoreIndex as defaultIgnoreIndex } from '../loss.ts'
import { checkOptions, checkShape, type SummedLoss, total } from './summed-loss.ts'

const reductionNone = 0
const reductionSum = 2

export interface ClassLossOptions {
  /** fp32 [c]: weight of each class's examples. Default: 1. */
  readonly classWeights?: Tensor | undefined
  /** Examples with this target are ignored. Default: -100. */
  readonly ignoreIndex?: number | undefined
  /** In [0, 1). Default: 0. */
  readonly labelSmoothing?: number | undefined
}

/**
 * Cross entropy of logits [b, c] (any float dtype, computed in fp32) against int64 classes [b]. `count` is the weight of the
 * examples that count, so that sum / count is PyTorch's mean. Throws `nn_objective_shape_mismatch` and
 * `nn_objective_option_invalid`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { classLoss } from '@hadal/nn'
 *
 * const logits_bc = torch.zeros([2, 4])
 * const { sum, count } = classLoss(logits_bc, torch.tensor([0, 3], { dtype: 'int64' }))
 * Number(sum.div(count).item()).toFixed(3) // → '1.386'
 * ```
 */
export function classLoss(
  logits_bc: Tensor,
  targets_b: Tensor,
  { classWeights, ignoreIndex = defaultIgnoreIndex, labelSmoothing = 0 }: ClassLossOptions = {},
): SummedLoss {
  checkOptions([
    ['labelSmoothing', labelSmoothing, labelSmoothing >= 0 && labelSmoothing < 1, 'from 0 to below 1'],
  ])
  const [b, c] = logits_bc.shape as [number, number]
  checkShape('targets_b', targets_b, [b])
  if (classWeights) checkShape('classWeights', classWeights, [c])
  const sumUp = (): SummedLoss => {
    const sum = torch.crossEntropyLoss(logits_bc.float(), targets_b, {
      weight: classWeights ?? null,
      reduction: reductionSum,
      ignoreIndex,
      labelSmoothing,
    })
    const counted_b = targets_b.ne(ignoreIndex)
    if (!classWeights) return { sum, count: total(counted_b) }
    const weights_b = classWeights.gather(0, targets_b.maskedFill(counted_b.logicalNot(), 0)).mul(counted_b)
    return { sum, count: total(weights_b) }
  }
  return recordRange('module:loss', () => scope(sumUp))
}

export interface MultiLabelLossOptions {
  /** fp32 [c]: weight of each class in the sum. Default: 1. */
  readonly classWeights?: Tensor | undefined
  /** fp32 [c]: weight of positive labels relative to negative ones, for rare classes. Default: 1. */
  readonly positiveWeights?: Tensor | undefined
  /** Labels with this value are ignored. Default: -100. */
  readonly ignoreIndex?: number | undefined
}

/**
 * Binary cross entropy of logits [b, c] against labels [b, c] of 0 to 1. `count` is the number of labels that count, as in
 * PyTorch whatever their weights. Throws `nn_objective_shape_mismatch`.
 *
 * @example
 * ```ts
 * import { multiLabelLoss } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const { sum, count } = multiLabelLoss(torch.zeros([2, 3]), torch.tensor([[1, 0, 1], [0, 0, 1]]))
 * Number(sum.div(count).item()).toFixed(3) // → '0.693'
 * ```
 */
export function multiLabelLoss(
  logits_bc: Tensor,
  labels_bc: Tensor,
  { classWeights, positiveWeights, ignoreIndex = defaultIgnoreIndex }: MultiLabelLossOptions = {},
): SummedLoss {
  checkShape('labels_bc', labels_bc, logits_bc.shape)
  const classes = [logits_bc.shape.at(-1)!]
  if (classWeights) checkShape('classWeights', classWeights, classes)
  if (positiveWeights) checkShape('positiveWeights', positiveWeights, classes)
  return scope(() => {
    const ignored_bc = labels_bc.eq(ignoreIndex)
    const loss_bc = torch.binaryCrossEntropyWithLogits(
      logits_bc.float(),
      labels_bc.float().maskedFill(ignored_bc, 0),
      { weight: classWeights ?? null, posWeight: positiveWeights ?? null, reduction: reductionNone },
    )
    return { sum: loss_bc.maskedFill(ignored_bc, 0).sum(), count: total(ignored_bc.logicalNot()) }
  })
}
