/** Merges adapters into weights: into a map of them, for an export, or in place, reversibly. */

import { noGrad, scope, Tensor } from '@hadal/tensor'
import { weightsMismatch } from '../errors.ts'
import type { Linear, PackedWeight } from '../layers.ts'
import { mergedWeight } from './lora-layer.ts'
import { type LoraOptions, loraScale } from './lora-options.ts'

/**
 * Merges `adapter` into a model's weights: W + scale · B A in fp32, with rows scaled to `lora_magnitude_vector`, in the order of
 * `base`; they belong to the caller's scope. Throws `nn_weights_mismatch` for an adapter of missing modules, or of other shapes.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { loraDefaults, mergeLora } from '@hadal/nn'
 *
 * const base = new Map([['q_proj.weight', torch.zeros([4, 8])]])
 * const adapter = new Map([['q_proj.lora_A.weight', torch.ones([2, 8])], ['q_proj.lora_B.weight', torch.ones([4, 2])]])
 * const merged = mergeLora(base, adapter, { ...loraDefaults, rank: 2, alpha: 2, targets: ['q_proj'] })
 * merged.get('q_proj.weight')?.get(0, 0).item() // → 2
 * ```
 */
export function mergeLora(
  base: ReadonlyMap<string, Tensor>,
  adapter: ReadonlyMap<string, Tensor>,
  options: LoraOptions,
): Map<string, Tensor> {
  const issues: string[] = []
  const merged = new Map(base)
  for (const [name, a_ri] of adapter) {
    const module = /^(.*)\.lora_A\.weight$/.exec(name)?.[1]
    if (module === undefined) continue
    const weight_oi = base.get(`${module}.weight`)
    const b_or = adapter.get(`${module}.lora_B.weight`)
    const magnitude_o = adapter.get(`${module}.lora_magnitude_vector`)
    const shapes = [b_or?.shape[0], a_ri.shape[1]]
    const fits = magnitude_o === undefined || magnitude_o.numel === b_or?.shape[0]
    if (!weight_oi || !b_or || String(shapes) !== String(weight_oi.shape) || !fits) {
      issues.push(`${module} is [${weight_oi?.shape ?? 'missing'}], its adapter [${shapes}]`)
      continue
    }
    merged.set(
      `${module}.weight`,
      mergedWeight(weight_oi, a_ri, b_or, loraScale(module, options), magnitude_o),
    )
  }
  if (issues.length > 0) throw weightsMismatch(issues)
  return merged
}

/** A linear module with something taken into its weight, which can be taken out again to the bit: W is kept meanwhile. */
export class MergedLinear {
  readonly #linear: Linear
  readonly #kept: Tensor | PackedWeight

  /** Adds `delta_oi`. A packed weight is unpacked meanwhile. Saved tensors belong to the caller's scope. */
  constructor(linear: Linear, delta_oi: Tensor) {
    this.#linear = linear
    this.#kept = noGrad(() => linear.unpack() ?? linear.weight.clone())
    noGrad(() => scope(() => linear.weight.copy_(linear.weight.float().add(delta_oi))))
  }

  /** Frees the saved weight. */
  undo(): void {
    const kept = this.#kept
    if (kept instanceof Tensor) {
      noGrad(() => this.#linear.weight.copy_(kept))
      kept.free()
    } else this.#linear.pack(kept)
  }
}
