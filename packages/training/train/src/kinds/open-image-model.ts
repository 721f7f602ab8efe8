/** An image classifier for a run. */

import {
  computeDtype,
  createImageModel,
  type ImageModelConfig,
  initializeImageModel,
  loadParameters,
  ResNet,
  setTraining,
} from '@hadal/nn'
import { scope } from '@hadal/tensor'
import type { Run } from '../run.ts'
import type { ImageView, OpenModel } from './open-model.ts'

export function openImageModel(run: Run<ImageModelConfig>): OpenModel<ImageView> {
  const module = createImageModel(run.model, computeDtype[run.precision])
  // Running statistics are not trained; they are initialised here.
  initializeImageModel(module)
  const last = module instanceof ResNet ? module.fc : module.head
  // A run may compute in another dtype from some step on.
  const view: ImageView = { logits: (x) => module.forward(x.to(last.weight.dtype)) }
  return {
    module,
    segments: undefined,
    initialize: (parameters) =>
      scope(() => {
        const fresh = createImageModel(run.model)
        initializeImageModel(fresh)
        loadParameters(parameters, fresh.parameters())
      }),
    view: () => view,
    setTraining: (training) => setTraining(module, training),
  }
}
