/** A convolution that does what a convolution and the norm after it do together, by running statistics. */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { Conv2d } from '../convolution.ts'
import type { BatchNorm2d } from '../normalization.ts'
import { normFactor } from './conv-norm.ts'

/**
 * fp32: weight · f and (bias - mean) · f + beta, f being gamma / sqrt(variance + eps). The weight is, to the bit, what `convNorm`
 * quantises.
 */
export function foldNorm(
  conv: Conv2d,
  norm: BatchNorm2d,
): { readonly weight: Tensor; readonly bias: Tensor } {
  return noGrad(() =>
    scope(() => {
      const factor_c = normFactor(norm)
      const weight = conv.weight.float().mul(factor_c.reshape([-1, 1, 1, 1]))
      const mean_c = conv.bias ? norm.runningMean.sub(conv.bias.float()) : norm.runningMean
      const bias = torch.sub(norm.bias.float(), mean_c.mul(factor_c))
      return { weight, bias }
    }),
  )
}
