/** A classifier of images for a run. */

import {
  computeDtype,
  ImageClassifier,
  type ImageClassifierConfig,
  initializeLayers,
  loadParameters,
  setTraining,
} from '@hadal/nn'
import { scope } from '@hadal/tensor'
import type { Run } from '../run.ts'
import type { ImageView, OpenModel } from './open-model.ts'

export function openClassifier(run: Run<ImageClassifierConfig>): OpenModel<ImageView> {
  const dtype = computeDtype[run.precision]
  const module = new ImageClassifier(run.model, dtype)
  // Statistics are nobody's to train: they begin here.
  initializeLayers(module)
  const view: ImageView = { logits: (x) => module.forward(x.to(dtype)) }
  return {
    module,
    segments: undefined,
    initialize: (parameters) =>
      scope(() => {
        const fresh = new ImageClassifier(run.model)
        initializeLayers(fresh)
        loadParameters(parameters, fresh.parameters())
      }),
    view: () => view,
    setTraining: (training) => setTraining(module, training),
  }
}
