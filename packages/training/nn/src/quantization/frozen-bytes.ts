/** Memory of a model with frozen weights, from configurations alone. */

import type { LoraOptions } from '../adapters/lora-options.ts'
import { isLinearWeight } from '../adapters/lora-tensors.ts'
import type { WantedTensor } from '../checkpoint/wanted-tensors.ts'
import { isFrozenInNf4 } from './load-in-nf4.ts'
import { nf4Bytes } from './nf4-weight.ts'

/**
 * `width` bytes a value where nothing is packed.
 *
 * @internal
 */
export function frozenBytes(
  weights: Iterable<WantedTensor>,
  { quantization, doubleQuantization }: LoraOptions,
  width: number,
): number {
  let bytes = 0
  for (const weight of weights) {
    const count = weight.shape.reduce((product, size) => product * size, 1)
    const module = weight.name.replace(/\.weight$/, '')
    if (quantization === 'nf4' && isLinearWeight(weight) && isFrozenInNf4(module))
      bytes += nf4Bytes(count, doubleQuantization)
    else bytes += count * (weight.alwaysFloat32 ? 4 : width)
  }
  return bytes
}
