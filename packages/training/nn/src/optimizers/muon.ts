/**
 * Muon (Jordan et al. 2024): momentum made orthogonal, for the matrices inside a model; embeddings, the head and vectors
 * are AdamW's. Updates are scaled to the size of AdamW's (Liu et al. 2025, arXiv:2502.16982), so one learning rate serves
 * both.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { AdamW, type AdamWOptions, adamWDefaults } from './adamw.ts'
import { orthogonalize } from './newton-schulz.ts'
import { type Optimizer, oneRate, type RateFactor } from './optimizer.ts'

export interface MuonOptions {
  readonly momentum: number
  /** Nesterov momentum. */
  readonly nesterov: boolean
  /** Iterations of Newton-Schulz. */
  readonly iterations: number
  /** Decoupled; of Muon's matrices. */
  readonly weightDecay: number
  /** Matrices whose name contains one of these use AdamW, as do all parameters that are not two-dimensional. */
  readonly exclude: readonly string[]
  readonly adamW: AdamWOptions
}

/**
 * Muon's defaults.
 *
 * @example
 * ```ts
 * import { muonDefaults } from '@hadal/nn'
 *
 * muonDefaults.momentum // → 0.95
 * ```
 */
export const muonDefaults: MuonOptions = {
  momentum: 0.95,
  nesterov: true,
  iterations: 5,
  weightDecay: 0.1,
  exclude: ['embed_tokens', 'lm_head'],
  adamW: adamWDefaults,
}

/** Root mean square of a typical update of AdamW. */
const adamWScale = 0.2

/**
 * Momentum made orthogonal, for matrices; AdamW for the rest (https://kellerjordan.github.io/posts/muon).
 *
 * @example
 * ```ts
 * import { Linear, Muon } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(16, 8, 'float32', true)
 * const optimizer = new Muon(model.parameters())
 * optimizer.update([...model.parameters().values()].map((parameter) => torch.randnLike(parameter)), 0.02)
 * ```
 */
export class Muon implements Optimizer {
  /** Muon's own: where in the order of all parameters, and its momentum. */
  readonly #matrices: readonly {
    readonly name: string
    readonly index: number
    readonly parameter: Tensor
    readonly rateFactor: number
    readonly momentum: Tensor
  }[]
  readonly #rest: AdamW
  readonly #restIndices: readonly number[]
  readonly #options: MuonOptions

  /** `parameters` are fp32 and are updated in place. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: MuonOptions = muonDefaults,
    rateFactor: RateFactor = oneRate,
  ) {
    const all = [...parameters].map(([name, parameter], index) => ({ name, parameter, index }))
    const isMatrix = ({ name, parameter }: { name: string; parameter: Tensor }): boolean =>
      parameter.ndim === 2 && !options.exclude.some((part) => name.includes(part))
    const rest = all.filter((each) => !isMatrix(each))
    this.#matrices = all.filter(isMatrix).map((each) => ({
      ...each,
      rateFactor: rateFactor(each.name),
      momentum: torch.zeros([...each.parameter.shape]),
    }))
    this.#rest = new AdamW(
      new Map(rest.map(({ name, parameter }) => [name, parameter])),
      options.adamW,
      rateFactor,
    )
    this.#restIndices = rest.map(({ index }) => index)
    this.#options = options
  }

  update(gradients: readonly Tensor[], learningRate: number): void {
    const { momentum: keep, nesterov, iterations, weightDecay } = this.#options
    noGrad(() => {
      for (const { index, parameter, rateFactor, momentum } of this.#matrices) {
        scope(() => {
          const gradient = gradients[index]!
          momentum.lerp_(gradient, 1 - keep)
          const direction = orthogonalize(nesterov ? gradient.lerp(momentum, keep) : momentum, iterations)
          const size = adamWScale * Math.sqrt(Math.max(...parameter.shape))
          const rate = learningRate * rateFactor
          parameter.mul_(1 - rate * weightDecay)
          parameter.add_(direction, { alpha: -rate * size })
        })
      }
    })
    this.#rest.update(
      this.#restIndices.map((index) => gradients[index]!),
      learningRate,
    )
  }

  state(): Map<string, Tensor> {
    return new Map([
      ...this.#matrices.map(({ name, momentum }) => [`momentum.${name}`, momentum] as const),
      ...[...this.#rest.state()].map(([name, tensor]) => [`adamw.${name}`, tensor] as const),
    ])
  }
}
