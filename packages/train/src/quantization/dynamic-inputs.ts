/**
 * Linear layers that read what llama.cpp's integer products read: 8 bits with a scale for every 32 neighbours, found anew for each
 * token. The gradient is that of the identity. Knows nothing about weights.
 */

import { Linear, type Module, namedModules, roundToFormat } from '@hadal/nn'
import { type Tensor, torch } from '@hadal/tensor'

/** Neighbours that share a scale. */
const group = 32

/** [..., width], as long as 32 divide the width. */
export const roundInputs = (x: Tensor): Tensor =>
  x.shape.at(-1)! % group === 0 ? roundToFormat(x, 'Q8_0') : x

export class DynamicInputs {
  /** What is not rounded and why, in words. */
  readonly notes: readonly string[]
  readonly #layers: readonly Linear[]

  /** Nothing changes until it is switched on. */
  constructor(module: Module, isSkipped: (name: string) => boolean = () => false) {
    const all = [...namedModules(module)].flatMap(([name, layer]) =>
      layer instanceof Linear && !isSkipped(name) ? [{ name, layer, width: layer.weight.shape[1]! }] : [],
    )
    this.#layers = all.filter(({ width }) => width % group === 0).map(({ layer }) => layer)
    this.notes = all
      .filter(({ width }) => width % group !== 0)
      .map(({ name, width }) => `what ${name} reads stays as it is: ${group} does not divide ${width}`)
  }

  setQuantizing(on: boolean): void {
    for (const layer of this.#layers)
      layer.multiplyWith(on ? (x, weight) => torch.linear(roundInputs(x), weight) : undefined)
  }
}
