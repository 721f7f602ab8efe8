/**
 * Adapters of a frozen model that is rounded together with them: a layer multiplies with the rounded sum of its weight and adapter,
 * and the adapter receives the gradient unchanged by the rounding (straight-through). So the merged export equals what was trained.
 */

import {
  Linear,
  type LoraAdapters,
  type LoraLayer,
  type Module,
  mergedWeight,
  namedModules,
  roundToFormat,
} from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { Rounding } from './roundings.ts'

interface Adapted {
  readonly linear: Linear
  readonly layer: LoraLayer
  readonly rounding: Rounding | undefined
}

/** A frozen matrix that no adapter changes. */
interface Frozen {
  readonly weight: Tensor
  readonly rounding: Rounding
  readonly asItWas: Tensor
}

export class RoundedAdapters {
  readonly #adapters: LoraAdapters
  readonly #adapted: readonly Adapted[]
  readonly #frozen: readonly Frozen[]

  /** Inactive until switched on. `roundings` are by parameter; copies belong to the caller's scope. */
  constructor(module: Module, adapters: LoraAdapters, roundings: ReadonlyMap<string, Rounding>) {
    this.#adapters = adapters
    const linears = new Map([...namedModules(module)].filter((each) => each[1] instanceof Linear)) as Map<
      string,
      Linear
    >
    this.#adapted = [...adapters.layers].map(([name, layer]) => ({
      linear: linears.get(name)!,
      layer,
      rounding: roundings.get(`${name}.weight`),
    }))
    const changed = new Set([...adapters.layers.keys()].map((name) => `${name}.weight`))
    this.#frozen = [...module.parameters()].flatMap(([name, weight]) => {
      const rounding = changed.has(name) ? undefined : roundings.get(name)
      return rounding ? [{ weight, rounding, asItWas: weight.detach().clone() }] : []
    })
  }

  /** `roundsInputs`: also rounds a layer's input, like layers without an adapter. */
  setQuantizing(on: boolean, roundsInputs: boolean): void {
    const input = roundsInputs ? roundedInput : (x: Tensor): Tensor => x
    for (const { weight, rounding, asItWas } of this.#frozen)
      noGrad(() => scope(() => void weight.copy_(on ? rounding(asItWas.float()) : asItWas)))
    for (const { linear, layer, rounding } of this.#adapted) {
      if (!rounding) continue
      linear.adapt(on ? undefined : (x, y) => layer.apply(x, y, this.#adapters.training))
      linear.multiplyWith(
        on
          ? (x, weight) => torch.linear(input(x), roundedSum(weight, layer, rounding).to(x.dtype))
          : undefined,
      )
    }
  }
}

/** Neighbours that share a scale. */
const inputGroup = 32

const roundedInput = (x: Tensor): Tensor =>
  x.shape.at(-1)! % inputGroup === 0 ? roundToFormat(x, 'Q8_0') : x

/** The values of the rounded sum, with the gradient of the sum. */
function roundedSum(weight: Tensor, layer: LoraLayer, rounding: Rounding): Tensor {
  const { a_ri, b_or, scale, magnitude_o } = layer
  const sum = mergedWeight(weight, a_ri, b_or, scale, magnitude_o)
  noGrad(() => scope(() => void sum.copy_(rounding(sum.detach().clone()))))
  return sum
}
