/**
 * Computes scale and zero point from an observed range, as in PyTorch's `UniformQuantizationObserverBase._calculate_qparams`.
 *
 * Shapes: n rows that have a scale each.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { type FakeQuantScheme, middleOf, quantRange } from './scheme.ts'

export interface ScaleAndZero {
  /** fp32 */
  readonly scale_n: Tensor
  /** int32 */
  readonly zero_n: Tensor
}

/** fp32's own epsilon, 2^-23: no scale is smaller. */
const leastScale = 2 ** -23

/**
 * Affine: (max(high, 0) - min(low, 0)) / (qmax - qmin), and the zero point that takes low to qmin. Symmetric: the larger magnitude
 * over half of qmax - qmin. fp32 [n] in.
 *
 * @internal
 */
export function scaleAndZero(low_n: Tensor, high_n: Tensor, scheme: FakeQuantScheme): ScaleAndZero {
  const { quantMin, quantMax } = quantRange(scheme)
  const below_n = low_n.clampMax(0)
  const above_n = high_n.clampMin(0)
  if (scheme.symmetric) {
    const scale_n = torch.maximum(below_n.neg(), above_n).div((quantMax - quantMin) / 2)
    const zero_n = torch.full(low_n.shape, middleOf(scheme), { dtype: 'int32', device: low_n.device })
    return { scale_n: scale_n.clampMin(leastScale), zero_n }
  }
  const scale_n = above_n
    .sub(below_n)
    .div(quantMax - quantMin)
    .clampMin(leastScale)
  const zero_n = below_n.div(scale_n).round().neg().add(quantMin).clamp(quantMin, quantMax).to('int32')
  return { scale_n, zero_n }
}
