/** Initial weights of one rank of a divided model, equal to its part of the whole model's. */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { wantedTensors } from '../checkpoint/wanted-tensors.ts'
import { initializeDecoder } from '../initialize.ts'
import type { ModelConfig } from '../model-config.ts'
import type { Layout, Place } from './shard.ts'
import type { Cut } from './shard-of.ts'
import { type CutOf, cutState, cutTensor } from './shard-state.ts'

/**
 * Fills `parameters` in place. Each tensor of the whole model `config` is drawn from the global generator, in the order of an
 * undivided model, and freed again: every layout starts from the same weights, and only one whole tensor is held at a time.
 *
 * @internal
 */
export function initializePart(
  parameters: ReadonlyMap<string, Tensor>,
  config: ModelConfig,
  cutOf: CutOf,
  layout: Layout,
): void {
  for (const { name, shape } of wantedTensors(config))
    scope(() => {
      const whole = new Map([[name, torch.empty([...shape])]])
      initializeDecoder(whole, config.num_hidden_layers)
      noGrad(() => {
        for (const [own, part] of cutState(whole, cutOf, layout)) parameters.get(own)!.copy_(part)
      })
    })
}

/**
 * Draws the whole A [r, i] of an adapter, as `LoraLayer` does, and keeps this rank's part of it.
 *
 * @internal
 */
export function drawAdapter(part_ri: Tensor, cut: Cut, place: Place): void {
  scope(() => {
    const shape = part_ri.shape.map((length, dim) => (dim === cut.dim ? length * place.size : length))
    const whole_ri = torch.empty(shape, { dtype: part_ri.dtype })
    const most = 1 / Math.sqrt(shape[1]!)
    part_ri.copy_(cutTensor(whole_ri.uniform_(-most, most), cut, place))
  })
}
