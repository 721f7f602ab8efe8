/**
 * Rounds to a grid and back, in fp32: (clamp(round(x / scale) + zero, qmin, qmax) - zero) · scale, halves to even. The gradient
 * passes where round(x / scale) + zero is within the range, and is zero elsewhere (the straight-through estimator, Bengio et al.
 * 2013, arXiv:1308.3432).
 *
 * For finite input, values and gradients are bit-identical to libtorch's `fake_quantize_per_tensor_affine` and
 * `fake_quantize_per_channel_affine`. Those map NaN and ∞ to the lowest value of the range, which hides divergence: here NaN stays
 * NaN, and ∞ becomes the highest.
 */

import { noGrad, type Tensor } from '@hadal/tensor'
import type { ScaleAndZero } from './quant-parameters.ts'
import { toRows } from './rows.ts'
import type { Granularity, QuantRange } from './scheme.ts'

/**
 * x of any float dtype, which the result has too.
 *
 * @internal
 */
export function fakeQuantize(
  x: Tensor,
  { scale_n, zero_n }: ScaleAndZero,
  { quantMin, quantMax }: QuantRange,
  granularity: Granularity,
): Tensor {
  const rows = typeof granularity === 'object' ? toRows(x, granularity) : x
  const along = granularity === 'tensor' ? [1] : [-1, ...rows.shape.slice(1).map(() => 1)]
  const [scale, zero] = [scale_n.reshape(along), zero_n.float().reshape(along)]
  // The copy keeps x's gradient while its values change below; only the clamp is differentiated.
  const levels = rows.dtype === 'float32' ? rows.clone() : rows.float()
  noGrad(() => levels.mul_(scale.reciprocal()).round_().add_(zero))
  const inside = levels.requiresGrad ? levels.clamp(quantMin, quantMax) : levels.clamp_(quantMin, quantMax)
  noGrad(() => inside.sub_(zero).mul_(scale))
  return inside.reshape(x.shape).to(x.dtype)
}
