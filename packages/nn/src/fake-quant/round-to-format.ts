/**
 * Weights as a GGUF file will have them, on tensors: the values that the file's reader gives, to the bit, so that what is trained is
 * what is exported. Knows nothing about files.
 */

import { decodeFloats, encodeTensor, fallbackType } from '@hadal/formats'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { roundQ4_0 } from './round-q4-0.ts'
import { roundQ8_0 } from './round-q8-0.ts'

/** GGUF's names. */
export type WeightFormat = 'Q8_0' | 'Q6_K' | 'Q4_K' | 'Q4_0'

export const weightFormats: readonly WeightFormat[] = ['Q8_0', 'Q6_K', 'Q4_K', 'Q4_0']

/**
 * weight [..., i] of any float dtype to the same, rounded in fp32 along its rows; rows that do not fill the format's blocks go to
 * what `fallbackType` says, as in export. The gradient is that of the identity. A block with a value that is not finite, or beyond
 * the format's scales, comes out with values that are not.
 */
export function roundToFormat(weight: Tensor, format: WeightFormat): Tensor {
  const rounded = noGrad(() => scope(() => roundedTo(weight.detach(), format)))
  if (!weight.requiresGrad) return rounded.to(weight.dtype)
  // Has the gradient of a copy, and these values.
  const copy = weight.clone()
  noGrad(() => copy.copy_(rounded))
  return copy
}

function roundedTo(weight: Tensor, format: WeightFormat): Tensor {
  const wide = weight.float()
  const type = fallbackType(format, weight.shape.at(-1)!)
  switch (type) {
    case 'Q6_K':
    case 'Q4_K': {
      const data = wide.toTypedArray() as Float32Array
      const bytes = encodeTensor({ name: 'weight', shape: weight.shape, type, data })
      return torch.tensor(decodeFloats('weight', type, bytes), { shape: weight.shape, device: weight.device })
    }
    case 'Q8_0':
      return roundQ8_0(wide.reshape([-1, 32])).reshape(weight.shape)
    case 'Q4_0':
      return roundQ4_0(wide.reshape([-1, 32])).reshape(weight.shape)
    default:
      return wide.half().float()
  }
}
