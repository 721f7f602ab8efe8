/** Names and shapes of adapters' tensors, from configurations alone. */

import type { WantedTensor } from '../checkpoint/wanted-tensors.ts'
import { isLoraTarget, type LoraOptions, loraRank } from './lora-options.ts'

/**
 * Whether a tensor is an adapter's, by its name: heads may stand beside them.
 *
 * @internal
 */
export const isLoraTensor = (name: string): boolean =>
  /\.(lora_[AB]\.weight|lora_magnitude_vector)$/.test(name)

/**
 * Whether a weight of a model is that of a linear module, which alone can have an adapter.
 *
 * @internal
 */
export const isLinearWeight = ({ name, shape }: WantedTensor): boolean =>
  shape.length === 2 && name.endsWith('.weight') && !/(embed_tokens|embedding|\.gate)\.weight$/.test(name)

/**
 * What `LoraAdapters` has beside a model with these weights, in no particular order.
 *
 * @internal
 */
export function* loraTensors(
  weights: Iterable<WantedTensor>,
  options: LoraOptions,
): Generator<WantedTensor, void> {
  for (const weight of weights) {
    const module = weight.name.replace(/\.weight$/, '')
    if (!isLinearWeight(weight) || !isLoraTarget(module, options.targets)) continue
    const [outputs, inputs] = weight.shape as [number, number]
    const rank = loraRank(module, options)
    yield { name: `${module}.lora_A.weight`, shape: [rank, inputs] }
    yield { name: `${module}.lora_B.weight`, shape: [outputs, rank] }
    if (options.dora) yield { name: `${module}.lora_magnitude_vector`, shape: [outputs], alwaysFloat32: true }
  }
}
