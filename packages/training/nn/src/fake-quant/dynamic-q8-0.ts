/**
 * Activations in 8 bits with a scale for every 32 neighbours, found anew for each: what llama.cpp multiplies weights in Q8_0 and Q4_0
 * with. It has no state and observes nothing.
 */

import type { Tensor } from '@hadal/tensor'
import type { Quantizer, QuantizerSwitches } from './quantizer.ts'
import { roundToFormat } from './round-to-format.ts'

/** Neighbours that share a scale. */
export const dynamicGroup = 32

export class DynamicQ8_0 implements Quantizer {
  readonly #switches: QuantizerSwitches

  constructor(switches: QuantizerSwitches) {
    this.#switches = switches
  }

  /** [..., i], i being a multiple of 32. */
  apply(x: Tensor): Tensor {
    return this.#switches.quantizing && x.numel > 0 ? roundToFormat(x, 'Q8_0') : x
  }

  observe(): void {}

  state(): Map<string, Tensor> {
    return new Map()
  }
}
