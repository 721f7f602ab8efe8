/**
 * Peak memory of an image classifier's training step, from its configuration: the input of each layer is kept until the backward
 * pass. Creates no tensors.
 */

import { type ImageClassifierConfig, numbersOf, shapesInto } from '@hadal/nn'
import { type LabelledImages, viewsOf } from '../image-data/labelled-images.ts'
import { type MemoryPlan, stepMemory } from '../memory/run-memory.ts'
import type { RunConfig } from '../run-config.ts'
import { imageModelParameters, roundsActivations } from './image-kind.ts'

export function classifierMemory(run: RunConfig<ImageClassifierConfig>): MemoryPlan {
  const { model, precision, batch, data } = run
  const rows = batch.windows * viewsOf(data.train as LabelledImages)
  const width = precision === 'fp32' ? 4 : 2
  const sizes = shapesInto(model).map(numbersOf)
  const all = sizes.reduce((sum, size) => sum + size, 0)
  // Rounded activations are kept in fp32 together with the results computed from them, at most one per layer.
  const rounded = roundsActivations(run) ? 4 + width : 0
  const kept = rows * (9 * sizes[0]! + all * (width + rounded))
  return stepMemory(run, imageModelParameters(model), 0, ({ numbers }) => {
    const earlier = batch.accumulate > 1 ? numbers * 4 : 0
    return { forward: earlier + kept, back: earlier + kept + numbers * 4 + rows * Math.max(...sizes) * width }
  })
}
