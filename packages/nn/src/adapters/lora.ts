/**
 * LoRA (Hu et al. 2021, arXiv:2106.09685): a frozen matrix W gets a trainable product beside it, W + scale · B A, with A [r, in]
 * and B [out, r]. Parameters are named as PEFT names them, `<module>.lora_A.weight` and `<module>.lora_B.weight`. Knows nothing
 * about files or training.
 */

import { type DType, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { weightsMismatch } from '../errors.ts'
import { Linear } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'
import { parameter } from '../parameter.ts'

export interface LoraOptions {
  /** r. */
  readonly rank: number
  readonly alpha: number
  /** scale = alpha / √r instead of alpha / r (rsLoRA, Kalajdzievski 2023, arXiv:2312.03732). */
  readonly rankStabilized: boolean
  /** Last parts of the names of linear modules: `q_proj` is in every layer, `layers.0.self_attn.q_proj` once. */
  readonly targets: readonly string[]
}

export const loraDefaults: LoraOptions = {
  rank: 16,
  alpha: 32,
  rankStabilized: false,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
}

/** What B A is multiplied with. */
export const loraScale = ({ alpha, rank, rankStabilized }: LoraOptions): number =>
  alpha / (rankStabilized ? Math.sqrt(rank) : rank)

/** Whether a module of this name gets an adapter. */
export const isLoraTarget = (module: string, targets: readonly string[]): boolean =>
  targets.some((target) => module === target || module.endsWith(`.${target}`))

export class LoraAdapters {
  readonly #parameters = new Map<string, Tensor>()

  /**
   * Puts an adapter beside every target of `model` and freezes the model itself. A is drawn from the global generator as PEFT
   * does (uniform within ±1/√in), B is zero, so that nothing changes at first. Throws `nn_weights_mismatch` without a target.
   */
  constructor(model: Module, options: LoraOptions, dtype: DType) {
    const scale = loraScale(options)
    for (const weight of model.parameters().values()) weight.requiresGrad_(false)
    for (const [name, module] of namedModules(model)) {
      if (!(module instanceof Linear && isLoraTarget(name, options.targets))) continue
      const [outputs, inputs] = module.weight.shape as [number, number]
      const a_ri = parameter([options.rank, inputs], dtype)
      const b_or = parameter([outputs, options.rank], dtype)
      noGrad(() => {
        a_ri.uniform_(-1 / Math.sqrt(inputs), 1 / Math.sqrt(inputs))
        b_or.zero_()
      })
      module.adapt((x) => torch.linear(torch.linear(x, a_ri), b_or).mul(scale))
      this.#parameters.set(`${name}.lora_A.weight`, a_ri)
      this.#parameters.set(`${name}.lora_B.weight`, b_or)
    }
    if (this.#parameters.size === 0)
      throw weightsMismatch([`no linear module is called ${options.targets.join(', ')}`])
  }

  /** The adapters alone: what is trained, saved and exported. */
  parameters(): Map<string, Tensor> {
    return new Map(this.#parameters)
  }
}

/**
 * The weights of a model with `adapter` taken in, W + scale · B A in fp32, in the order of `base`; they belong to the caller's
 * scope. Throws `nn_weights_mismatch` for an adapter of modules that the base does not have, or of other shapes.
 */
export function mergeLora(
  base: ReadonlyMap<string, Tensor>,
  adapter: ReadonlyMap<string, Tensor>,
  options: LoraOptions,
): Map<string, Tensor> {
  const faults: string[] = []
  const merged = new Map(base)
  for (const [name, a_ri] of adapter) {
    const module = /^(.*)\.lora_A\.weight$/.exec(name)?.[1]
    if (module === undefined) continue
    const weight_oi = base.get(`${module}.weight`)
    const b_or = adapter.get(`${module}.lora_B.weight`)
    const shapes = [b_or?.shape[0], a_ri.shape[1]]
    if (!weight_oi || !b_or || String(shapes) !== String(weight_oi.shape)) {
      faults.push(`${module} is [${weight_oi?.shape ?? 'missing'}], its adapter [${shapes}]`)
      continue
    }
    merged.set(
      `${module}.weight`,
      scope(() => weight_oi.float().add(b_or.float().matmul(a_ri.float()), { alpha: loraScale(options) })),
    )
  }
  if (faults.length > 0) throw weightsMismatch(faults)
  return merged
}
