/** A language model that computes as the last steps of its run did: what an export of it is compared with. */

import { type LanguageModel, loadParameters } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { fromHost, toHost } from '../weights.ts'
import { DynamicInputs } from './dynamic-inputs.ts'
import { roundedWeights } from './rounded-weights.ts'
import { isSkipped } from './roundings.ts'
import type { TrainedQuantization } from './trained-quantization.ts'

/** Rounds the weights of `model` in place, and from now on what its layers read where the run did. */
export function computeAsTrained(model: LanguageModel, trained: TrainedQuantization): void {
  scope(() => {
    const rounded = roundedWeights(model.config, toHost(model.parameters()), trained)
    loadParameters(model.parameters(), fromHost(rounded))
  })
  if (trained.activations === 'int8')
    new DynamicInputs(model, (name) => isSkipped(name, trained.skip)).setQuantizing(true)
}
