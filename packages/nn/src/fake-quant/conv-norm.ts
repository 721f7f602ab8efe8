/**
 * A convolution and the norm after it, as one. While the weight is quantised, what is quantised is what an integer model will have:
 * the weight with the norm folded in (Krishnamoorthi 2018, arXiv:1806.08342, section 3.2.2).
 *
 * Shapes: b batch, c output channels, h height, w width.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { Conv2d } from '../convolution.ts'
import { BatchNorm2d } from '../normalization.ts'

/** gamma / sqrt(running variance + eps), fp32 [c]: what a channel of the convolution is multiplied with. */
export const normFactor = ({ weight, runningVar, eps }: BatchNorm2d): Tensor =>
  weight.float().div(runningVar.add(eps).sqrt())

const alongOutputs = [-1, 1, 1, 1]
const alongChannels = [1, -1, 1, 1]

/**
 * `norm`, if there is one, of `conv`. While the convolution's weight is quantised as PyTorch's `ConvBn2d._forward_approximate`: the
 * weight times the norm's factor by running statistics is quantised and convolved with, the result divided by the factor again, and
 * normed by the batch, in fp32. A channel whose gamma is zero is left unscaled, where PyTorch divides by zero.
 */
export function convNorm(conv: Conv2d, norm: BatchNorm2d | undefined, x_bchw: Tensor): Tensor {
  const { quantization } = conv
  // A norm that was put in the place of one (replaceBatchNorms) has no statistics to fold.
  if (!(norm instanceof BatchNorm2d && quantization)) {
    const y_bchw = conv.forward(x_bchw)
    return norm ? norm.forward(y_bchw) : y_bchw
  }
  const input = quantization.input(x_bchw)
  const wide = conv.weight.float()
  if (!quantization.quantizesWeight) {
    noGrad(() => scope(() => quantization.weight(wide.mul(usedFactor(norm).reshape(alongOutputs)))))
    return norm.forward(conv.convolve(input, conv.weight, conv.bias))
  }
  const factor_c = usedFactor(norm)
  const folded = quantization.weight(wide.mul(factor_c.reshape(alongOutputs)))
  const scaled_bchw = conv.convolve(input, folded.to(x_bchw.dtype), undefined)
  const y_bchw = scaled_bchw.div(factor_c.reshape(alongChannels))
  const biased_bchw = conv.bias ? y_bchw.add(conv.bias.float().reshape(alongChannels)) : y_bchw
  return norm.forward(biased_bchw).to(x_bchw.dtype)
}

function usedFactor(norm: BatchNorm2d): Tensor {
  const factor_c = normFactor(norm)
  return torch.where(factor_c.eq(0), 1, factor_c)
}
