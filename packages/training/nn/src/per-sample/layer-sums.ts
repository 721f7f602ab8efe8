/**
 * What a pass adds up of its layers: each sample's squared norms, and gradients times factors.
 *
 * Shapes: b samples.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'
import { factorsOf } from './clipping.ts'
import type { PrivateBackward } from './private-backward.ts'
import { squaresOf } from './product-gradients.ts'
import type { SampleGradients } from './sample-gradients.ts'

/** Sums of squares [b] of the layers that are clipped by themselves. */
export class LayerNorms {
  readonly #layers: ReadonlyMap<Tensor, number>
  readonly #sums: Tensor[]
  readonly #sizes: readonly number[]
  readonly #samples: number

  constructor({ parameters, layers, clipping, samples }: PrivateBackward) {
    const layerOf = (index: number): number =>
      clipping.kind === 'per-layer' ? (layers?.[index] ?? index) : 0
    this.#layers = new Map(parameters.map((parameter, index) => [parameter, layerOf(index)]))
    this.#samples = samples
    const count = Math.max(0, ...this.#layers.values()) + 1
    this.#sizes = Array.from(
      { length: count },
      (_, layer) => [...this.#layers.values()].filter((each) => each === layer).length,
    )
    const like = parameters[0]
    this.#sums = Array.from({ length: count }, () =>
      torch
        .zeros([samples], { dtype: like?.dtype === 'float64' ? 'float64' : 'float32', device: like?.device })
        .unscope(),
    )
  }

  layerOf(parameter: Tensor): number {
    return this.#layers.get(parameter)!
  }

  /** How many parameters a layer has. */
  sizeOf(layer: number): number {
    return this.#sizes[layer]!
  }

  get squares(): readonly Tensor[] {
    return this.#sums
  }

  add(parameter: Tensor, uses: readonly SampleGradients[]): void {
    if (uses.length === 0) return
    scope(() => this.#sums[this.layerOf(parameter)]!.add_(squaresOf(uses, this.#samples, parameter.numel)))
  }

  free(): void {
    for (const sum of this.#sums) sum.free()
  }
}

/** Sums of each layer, as soon as its norms are whole. */
export class LayerSums {
  readonly #of: PrivateBackward
  readonly #norms: LayerNorms
  readonly #waiting = new Map<number, Map<Tensor, readonly SampleGradients[]>>()
  readonly #sums = new Map<Tensor, Tensor>()

  constructor(of: PrivateBackward, norms: LayerNorms) {
    this.#of = of
    this.#norms = norms
  }

  /** Frees the uses, in the end. */
  add(parameter: Tensor, uses: readonly SampleGradients[]): void {
    const layer = this.#norms.layerOf(parameter)
    const waiting = this.#waiting.get(layer) ?? new Map<Tensor, readonly SampleGradients[]>()
    this.#waiting.set(layer, waiting.set(parameter, uses))
    if (waiting.size < this.#norms.sizeOf(layer)) return
    scope(() => {
      const { squares } = this.#norms
      const factors = factorsOf(squares[layer]!, this.#of.clipping, squares.length)
      for (const [each, its] of waiting) {
        this.#sums.set(each, weightedSum(each, its, factors, undefined).unscope())
        freeAll(its)
      }
      waiting.clear()
    })
  }

  /** In the order of the parameters, for the caller's scope. */
  take(): Tensor[] {
    const sums = this.#of.parameters.map((parameter) => this.#sums.get(parameter)!.rescope())
    this.#sums.clear()
    return sums
  }

  free(): void {
    for (const waiting of this.#waiting.values()) for (const uses of waiting.values()) freeAll(uses)
    for (const sum of this.#sums.values()) sum.free()
  }
}

/** What the uses of a parameter give, each sample times its factor [b], without the samples where `dropped` [b] is true. */
export function weightedSum(
  parameter: Tensor,
  uses: readonly SampleGradients[],
  factors: Tensor,
  dropped: Tensor | undefined,
): Tensor {
  return scope(() => {
    const [first, ...others] = uses.map((use) => {
      if (dropped) use.drop(dropped)
      return use.sum(factors)
    })
    if (!first) return torch.zeros([...parameter.shape], { device: parameter.device })
    return others.reduce((sum, each) => sum.add(each.view(sum.shape)), first).reshape(parameter.shape)
  })
}

export const freeAll = (uses: readonly SampleGradients[]): void => {
  for (const use of uses) use.free()
}
