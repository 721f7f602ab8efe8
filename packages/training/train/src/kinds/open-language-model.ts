/** A language model for a run, or a rank's part of one. */

import { computeDtype, createModel, type HiddenModel, initializeDecoder, type ModelConfig } from '@hadal/nn'
import { segmentsOf } from '../checkpointing/segments-of.ts'
import type { DividedModel } from '../parallel/divided-model.ts'
import type { Run } from '../run.ts'
import { sampleTexts } from '../sample.ts'
import { languageView } from './language-view.ts'
import type { OpenModel } from './open-model.ts'

export function openLanguageModel(run: Run<ModelConfig>, divided?: DividedModel): OpenModel<HiddenModel> {
  const module = createModel(run.model, computeDtype[run.precision], divided?.shard)
  return {
    module,
    segments: segmentsOf(run),
    initialize: (parameters) => {
      if (divided) divided.initialize(parameters)
      else initializeDecoder(parameters, run.model.num_hidden_layers)
    },
    view: (trained, readParts) => languageView(module, run.lossChunkTokens, trained, readParts),
    sample: (request, agree) => sampleTexts(module, request, agree),
  }
}
