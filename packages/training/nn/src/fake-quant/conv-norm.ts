/**
 * A convolution fused with the following norm. While the weight is quantised, the quantised value is what an integer model has: the
 * weight with the norm folded in (Krishnamoorthi 2018, arXiv:1806.08342, section 3.2.2).
 *
 * Shapes: b batch, c output channels, h height, w width.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { Conv2d } from '../convolution.ts'
import { BatchNorm2d } from '../normalization.ts'
import { foldedBias, normFactor } from './fold-norm.ts'
import type { LayerQuantization } from './layer-quantization.ts'

const alongOutputs = [-1, 1, 1, 1]
const alongChannels = [1, -1, 1, 1]

/**
 * `norm`, if any, follows `conv`. While the convolution's weight is quantised this computes the same as PyTorch's
 * `ConvBn2d._forward_approximate`: the weight times the norm's factor by running statistics is quantised and convolved with, the
 * result divided by the factor again, and normed, in fp32. With running statistics the last two cancel except for a bias, so only
 * that is added. A channel whose gamma is zero stays unscaled, where PyTorch divides by zero.
 *
 * @internal
 */
export function convNorm(conv: Conv2d, norm: BatchNorm2d | undefined, x_bchw: Tensor): Tensor {
  const { quantization } = conv
  // A norm that was put in the place of one (replaceBatchNorms) has no statistics to fold.
  if (!(norm instanceof BatchNorm2d && quantization)) {
    const y_bchw = conv.forward(x_bchw)
    return norm ? norm.forward(y_bchw) : y_bchw
  }
  const input_bchw = quantization.input(x_bchw)
  if (!quantization.quantizesWeight) {
    noGrad(() => scope(() => folded(conv, dividedFactor(norm), quantization)))
    return norm.forward(conv.convolve(input_bchw, conv.weight, conv.bias))
  }
  return norm.isByBatch
    ? normedByBatch(conv, norm, input_bchw, quantization)
    : normedByStatistics(conv, norm, input_bchw, quantization)
}

function normedByBatch(
  conv: Conv2d,
  norm: BatchNorm2d,
  x_bchw: Tensor,
  quantization: LayerQuantization,
): Tensor {
  const factor_c = dividedFactor(norm)
  const scaled_bchw = conv.convolve(x_bchw, folded(conv, factor_c, quantization).to(x_bchw.dtype), undefined)
  const y_bchw = scaled_bchw.mul(factor_c.reciprocal().reshape(alongChannels))
  const biased_bchw = conv.bias ? y_bchw.add(conv.bias.float().reshape(alongChannels)) : y_bchw
  return norm.forward(biased_bchw).to(x_bchw.dtype)
}

function normedByStatistics(
  conv: Conv2d,
  norm: BatchNorm2d,
  x_bchw: Tensor,
  quantization: LayerQuantization,
): Tensor {
  const factor_c = normFactor(norm)
  const weight = folded(conv, factor_c, quantization)
  const bias_c = foldedBias(conv, norm, factor_c)
  if (x_bchw.dtype === 'float32') return conv.convolve(x_bchw, weight, bias_c)
  const y_bchw = conv.convolve(x_bchw, weight.to(x_bchw.dtype), undefined)
  return y_bchw.add(bias_c.reshape(alongChannels)).to(x_bchw.dtype)
}

/** The weight times a factor for each output, in fp32, as `quantization` has it. */
const folded = (conv: Conv2d, factor_c: Tensor, quantization: LayerQuantization): Tensor =>
  quantization.weight(conv.weight.float().mul(factor_c.reshape(alongOutputs)))

function dividedFactor(norm: BatchNorm2d): Tensor {
  const factor_c = normFactor(norm)
  return torch.where(factor_c.eq(0), 1, factor_c)
}
