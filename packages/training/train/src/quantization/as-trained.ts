/** A language model that computes as in the last steps of its run; the reference for its export. */

import { FakeQuantization, type LanguageModel, loadParameters } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { fromHost, toHost } from '../weights.ts'
import { schemesOfInputs } from './quantizer.ts'
import { roundedWeights } from './rounded-weights.ts'
import type { TrainedQuantization } from './trained-quantization.ts'

/**
 * Rounds the weights of `model` in place, and enables rounding of layer inputs if the run used it.
 *
 * @internal
 */
export function computeAsTrained(model: LanguageModel, trained: TrainedQuantization): void {
  scope(() => {
    const rounded = roundedWeights(model.config, toHost(model.parameters()), trained)
    loadParameters(model.parameters(), fromHost(rounded))
  })
  if (trained.activations === 'int8')
    new FakeQuantization(model, schemesOfInputs(trained)).setQuantizing(true)
}
