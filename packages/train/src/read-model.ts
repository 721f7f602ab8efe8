/** A model from a Hugging Face folder, for a run to begin with. */

import { loadCheckpoint, type ModelConfig } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { toHost, type Weights } from './weights.ts'

export interface ReadModel {
  readonly model: ModelConfig
  readonly startFrom: Weights
}

/** In the form that a run takes: `{ ...readModel(folder), data, ... }`. Throws what `loadCheckpoint` throws. */
export function readModel(folder: string): ReadModel {
  return scope(() => {
    const { model } = loadCheckpoint(folder)
    return { model: model.config, startFrom: toHost(model.parameters()) }
  })
}
