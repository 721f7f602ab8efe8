/** Low-rank adapters of a model's linear modules, named as in PEFT. */

import type { DType, Tensor } from '@hadal/tensor'
import { weightsMismatch } from '../errors.ts'
import { Linear } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'
import { LoraLayer } from './lora-layer.ts'
import { isLoraTarget, type LoraOptions, loraRank, loraScale } from './lora-options.ts'

/**
 * The trainable low-rank matrices of a model's linear layers (https://arxiv.org/abs/2106.09685).
 *
 * @example
 * ```ts
 * import { createModel, LoraAdapters, loraDefaults } from '@hadal/nn'
 *
 * const config = { vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }
 * const model = createModel(config)
 * const lora = new LoraAdapters(model, { ...loraDefaults, rank: 4, targets: ['q_proj', 'v_proj'] }, 'float32')
 * lora.parameters().size // → 8
 * ```
 */
export class LoraAdapters {
  readonly options: LoraOptions
  /** By name of the adapted module. */
  readonly layers: ReadonlyMap<string, LoraLayer>
  /** Enables dropout. The trainer sets it, for the backward pass (recomputation) as well as the forward pass. */
  training = false

  /**
   * Attaches an adapter to every target of `model`, which must have its weights already, and freezes the model; outputs are
   * unchanged at first. Tensors belong to the caller's scope. Throws `nn_weights_mismatch` without a target.
   */
  constructor(model: Module, options: LoraOptions, dtype: DType) {
    this.options = options
    const layers = new Map<string, LoraLayer>()
    for (const weight of model.parameters().values()) weight.requiresGrad_(false)
    for (const [name, linear] of namedModules(model)) {
      if (!(linear instanceof Linear && isLoraTarget(name, options.targets))) continue
      const { dora, dropout } = options
      const [rank, scale] = [loraRank(name, options), loraScale(name, options)]
      const layer = new LoraLayer(linear, { rank, scale, dora, dropout }, dtype)
      linear.adapt((x, y) => layer.apply(x, y, this.training))
      layers.set(name, layer)
    }
    if (layers.size === 0) throw weightsMismatch([`no linear module matches ${options.targets.join(', ')}`])
    this.layers = layers
  }

  /** Adapter parameters only: those trained, saved and exported. */
  parameters(): Map<string, Tensor> {
    const found = new Map<string, Tensor>()
    for (const [module, layer] of this.layers)
      for (const [name, tensor] of layer.parameters()) found.set(`${module}.${name}`, tensor)
    return found
  }
}
