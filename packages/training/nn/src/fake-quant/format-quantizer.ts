/** Rounds a weight as in a GGUF file, in every pass, with scales computed from the weight. */

import type { Tensor } from '@hadal/tensor'
import type { Quantizer, QuantizerSwitches } from './quantizer.ts'
import { roundToFormat, type WeightFormat } from './round-to-format.ts'

export class FormatQuantizer implements Quantizer {
  readonly #format: WeightFormat
  readonly #switches: QuantizerSwitches

  constructor(format: WeightFormat, switches: QuantizerSwitches) {
    this.#format = format
    this.#switches = switches
  }

  apply(weight: Tensor): Tensor {
    return this.#switches.quantizing ? roundToFormat(weight, this.#format) : weight
  }

  observe(): void {}

  state(): Map<string, Tensor> {
    return new Map()
  }
}
