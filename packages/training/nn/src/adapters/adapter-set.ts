/** Several named adapters of one model, each with its own rank and scale. One is active, or a weighted stack whose products are summed. */

import type { DType } from '@hadal/tensor'
import { scope, type Tensor } from '@hadal/tensor'
import { Linear } from '../layers.ts'
import { loadParameters, type Module, namedModules } from '../module.ts'
import { adapterNameTaken, adaptersMerged, adapterUnknown } from './errors.ts'
import { LoraAdapters } from './lora-adapters.ts'
import type { LoraLayer } from './lora-layer.ts'
import type { LoraOptions } from './lora-options.ts'
import { MergedLinear } from './merge-lora.ts'

/**
 * Several LoRA adapters on one model: which are active, and with what weight.
 *
 * @example
 * ```ts
 * import { AdapterSet, createModel, loraDefaults } from '@hadal/nn'
 *
 * const config = { vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }
 * const set = new AdapterSet(createModel(config))
 * set.add('style', { ...loraDefaults, rank: 4 })
 * set.add('facts', { ...loraDefaults, rank: 8 })
 * set.activate({ style: 1, facts: 0.5 })
 * set.names // → [ 'style', 'facts' ]
 * ```
 */
export class AdapterSet {
  readonly #linears: ReadonlyMap<string, Linear>
  readonly #model: Module
  readonly #adapters = new Map<string, LoraAdapters>()
  #active: ReadonlyMap<string, number> = new Map()
  #merged: readonly MergedLinear[] | undefined

  /** None at first. `model` is frozen from the first on. */
  constructor(model: Module) {
    this.#model = model
    this.#linears = new Map(
      [...namedModules(model)].filter((entry): entry is [string, Linear] => entry[1] instanceof Linear),
    )
  }

  get names(): string[] {
    return [...this.#adapters.keys()]
  }

  /** Weight of each active adapter. */
  get active(): ReadonlyMap<string, number> {
    return this.#active
  }

  get isMerged(): boolean {
    return this.#merged !== undefined
  }

  /**
   * Adds an adapter, with `weights` if given, inactive at first. Its tensors belong to the caller's scope. Throws
   * `nn_adapter_name_taken`, `nn_adapters_merged` and `nn_weights_mismatch`.
   */
  add(
    name: string,
    options: LoraOptions,
    dtype: DType = 'float32',
    weights?: ReadonlyMap<string, Tensor>,
  ): LoraAdapters {
    this.#forbidMerged(`adding ${name}`)
    if (this.#adapters.has(name)) throw adapterNameTaken(name)
    try {
      const adapters = new LoraAdapters(this.#model, options, dtype)
      if (weights) loadParameters(adapters.parameters(), weights)
      this.#adapters.set(name, adapters)
      return adapters
    } finally {
      this.#attach()
    }
  }

  /** Throws `nn_adapter_unknown`. */
  get(name: string): LoraAdapters {
    const adapters = this.#adapters.get(name)
    if (!adapters) throw adapterUnknown(name, this.names)
    return adapters
  }

  /** Frees its tensors; active ones become inactive. Throws `nn_adapter_unknown` and `nn_adapters_merged`. */
  remove(name: string): void {
    this.#forbidMerged(`removing ${name}`)
    const adapters = this.get(name)
    this.#adapters.delete(name)
    this.#active = new Map([...this.#active].filter(([each]) => each !== name))
    this.#attach()
    for (const tensor of adapters.parameters().values()) tensor.free()
  }

  /** These and no others: `{ style: 1, facts: 0.5 }`. Throws `nn_adapter_unknown` and `nn_adapters_merged`. */
  activate(stack: Readonly<Record<string, number>>): void {
    this.#forbidMerged('activating others')
    for (const name of Object.keys(stack)) this.get(name)
    this.#active = new Map(Object.entries(stack))
    this.#attach()
  }

  /**
   * Takes the active ones into the weights: the model is as fast as without any. The weights of these modules are kept meanwhile, in
   * the caller's scope, so that `unmerge` gives them back to the bit.
   */
  merge(): void {
    this.#forbidMerged('merging again')
    const merged: MergedLinear[] = []
    for (const [module, linear] of this.#linears) {
      const layers = this.#layersOf(module)
      if (layers.length === 0) continue
      linear.adapt(undefined)
      const delta_oi = scope(() =>
        layers
          .map(({ layer, weight }) => layer.weightDelta().mul(weight))
          .reduce((sum, each) => sum.add(each)),
      )
      merged.push(new MergedLinear(linear, delta_oi))
      delta_oi.free()
    }
    this.#merged = merged
  }

  /** Restores the original weights, with the active adapters applied separately again. No-op if nothing is merged. */
  unmerge(): void {
    for (const each of this.#merged ?? []) each.undo()
    this.#merged = undefined
    this.#attach()
  }

  #layersOf(module: string): ActiveLayer[] {
    return [...this.#active].flatMap(([name, weight]) => {
      const adapters = this.get(name)
      const layer = adapters.layers.get(module)
      return layer && weight !== 0 ? [{ layer, weight, adapters }] : []
    })
  }

  #attach(): void {
    for (const [module, linear] of this.#linears) linear.adapt(adaptationOf(this.#layersOf(module)))
  }

  #forbidMerged(what: string): void {
    if (this.#merged) throw adaptersMerged(what)
  }
}

interface ActiveLayer {
  readonly layer: LoraLayer
  readonly weight: number
  readonly adapters: LoraAdapters
}

function adaptationOf(layers: readonly ActiveLayer[]): ((x: Tensor, y: Tensor) => Tensor) | undefined {
  const [first] = layers
  if (!first) return undefined
  const { layer, weight, adapters } = first
  if (layers.length === 1 && weight === 1) return (x, y) => layer.apply(x, y, adapters.training)
  return (x, y) =>
    layers.reduce((sum, each) => {
      const delta = each.layer.delta(x, y, each.adapters.training)
      return sum.add(delta, { alpha: each.weight })
    }, y)
}
