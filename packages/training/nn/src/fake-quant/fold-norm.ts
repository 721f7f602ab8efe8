/**
 * Folds a norm with its running statistics into the preceding convolution.
 *
 * Shapes: c output channels.
 */

import { noGrad, scope, type Tensor } from '@hadal/tensor'
import type { Conv2d } from '../convolution.ts'
import type { BatchNorm2d } from '../normalization.ts'

/** f = gamma / sqrt(running variance + eps), fp32 [c]: the multiplier of a convolution's channel. */
export const normFactor = ({ weight, runningVar, eps }: BatchNorm2d): Tensor =>
  weight.float().div(runningVar.add(eps).sqrt())

/** beta - (running mean - bias) · f, fp32 [c]. */
export function foldedBias(conv: Conv2d, norm: BatchNorm2d, factor_c: Tensor): Tensor {
  const mean_c = conv.bias ? norm.runningMean.sub(conv.bias.float()) : norm.runningMean
  return norm.bias.float().sub(mean_c.mul(factor_c))
}

/**
 * fp32: weight · f, and its bias. Both are bit-identical to what `convNorm` quantises and adds.
 *
 * @internal
 */
export function foldNorm(
  conv: Conv2d,
  norm: BatchNorm2d,
): { readonly weight: Tensor; readonly bias: Tensor } {
  return noGrad(() =>
    scope(() => {
      const factor_c = normFactor(norm)
      const weight = conv.weight.float().mul(factor_c.reshape([-1, 1, 1, 1]))
      return { weight, bias: foldedBias(conv, norm, factor_c) }
    }),
  )
}
