/** Names and shapes of adapter tensors, from configurations. */

import type { WantedTensor } from '../checkpoint/wanted-tensors.ts'
import { isLoraTarget, type LoraOptions, loraRank } from './lora-options.ts'

/**
 * Whether a tensor belongs to an adapter, by name: heads may be stored with them.
 *
 * @internal
 */
export const isLoraTensor = (name: string): boolean =>
  /\.(lora_[AB]\.weight|lora_magnitude_vector)$/.test(name)

/**
 * Whether a weight belongs to a linear module; only those can have an adapter.
 *
 * @internal
 */
export const isLinearWeight = ({ name, shape }: WantedTensor): boolean =>
  shape.length === 2 && name.endsWith('.weight') && !/(embed_tokens|embedding|\.gate)\.weight$/.test(name)

/**
 * The tensors of `LoraAdapters` on a model with these weights, in no particular order.
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
