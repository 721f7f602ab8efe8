/**
 * 8-bit activations with a scale per block of 32, computed dynamically: the activation format that llama.cpp multiplies with Q8_0
 * and Q4_0 weights. No state, no observers.
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
