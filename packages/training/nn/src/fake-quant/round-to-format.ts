/**
 * Rounds weight tensors as in a GGUF file, bit-identical to the values that the file's reader returns, so the trained weights are
 * the exported ones.
 */

import { fallbackType } from '@hadal/formats'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { roundQ4_0 } from './round-q4-0.ts'
import { roundQ4_K } from './round-q4-k.ts'
import { roundQ6_K } from './round-q6-k.ts'
import { roundQ8_0 } from './round-q8-0.ts'

/** GGUF's names. */
export type WeightFormat = 'Q8_0' | 'Q6_K' | 'Q4_K' | 'Q4_0'

export const weightFormats: readonly WeightFormat[] = ['Q8_0', 'Q6_K', 'Q4_K', 'Q4_0']

/**
 * weight [..., i] of any float dtype, dtype preserved, rounded in fp32 along its rows; rows that do not fill the format's blocks
 * use `fallbackType`, as in export. The gradient is the identity's. A block with values that are not finite, or exceed the format's
 * scales, gives values that are not finite.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { roundToFormat } from '@hadal/nn'
 *
 * const weight = torch.randn([2, 256])
 * const rounded = roundToFormat(weight, 'Q8_0') // what llama.cpp would read
 * Number(rounded.sub(weight).abs().max().item()) < 0.05 // → true
 * ```
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
      return inParts(wide, 256, roundQ6_K)
    case 'Q4_K':
      return inParts(wide, 256, roundQ4_K)
    case 'Q8_0':
      return inParts(wide, 32, roundQ8_0)
    case 'Q4_0':
      return inParts(wide, 32, roundQ4_0)
    default:
      return wide.half().float()
  }
}

/** Values per chunk: intermediates stay in the cache. */
const partLength = 1 << 18

/** `round` is given blocks, [n, block], and gives them back rounded. */
function inParts(x: Tensor, block: number, round: (x_nk: Tensor) => Tensor): Tensor {
  const x_nk = x.reshape([-1, block])
  const rounded_nk = torch.emptyLike(x_nk)
  const blocks = x_nk.shape[0]!
  const most = partLength / block
  for (let start = 0; start < blocks; start += most) {
    const count = Math.min(most, blocks - start)
    scope(() => rounded_nk.narrow(0, start, count).copy_(round(x_nk.narrow(0, start, count))))
  }
  return rounded_nk.reshape(x.shape)
}
