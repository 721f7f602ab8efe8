/**
 * About how much memory a step of a residual network takes, from its configuration alone: what each convolution, norm and activation
 * reads again on the way back. Held against what libtorch allocates in resnet-memory.test.ts. Makes no tensor.
 */

import { numbersOf, type ResNetConfig, resNetConvolutions } from '@hadal/nn'
import { type LabelledImages, viewsOf } from '../image-data/labelled-images.ts'
import { type MemoryPlan, stepMemory } from '../memory/run-memory.ts'
import type { RunConfig } from '../run.ts'
import { imageModelParameters, roundsActivations } from './image-kind.ts'

export function resNetMemory(run: RunConfig<ResNetConfig>): MemoryPlan {
  const { model, precision, batch, data } = run
  const rows = batch.windows * viewsOf(data.train as LabelledImages)
  const width = precision === 'fp32' ? 4 : 2
  const { channels, height, width: columns } = model.input
  const isQuantized = roundsActivations(run)
  // What a norm's factor is divided out of again, in fp32; and what is rounded, in fp32, with what comes of it.
  const [scaled, rounded] = [4, 4 + width]
  // Pixels as bytes, as floats and normalised.
  let kept = rows * numbersOf([channels, height, columns]) * 9
  let widest = 0
  for (const { outputs, size, isLast } of resNetConvolutions(model)) {
    const numbers = rows * outputs * size[0] * size[1]
    // The norm keeps what the convolution gave, the ReLU what it gives itself; before a sum there is none, and the sum keeps nothing.
    kept += numbers * width * (isLast ? 1 : 2)
    if (isQuantized) kept += numbers * (scaled + rounded)
    widest = Math.max(widest, numbers * (isQuantized ? 4 : width))
  }
  const ends = sums(model, rows)
  kept += ends * width
  // Each weight with its norm folded in, and rounded.
  if (isQuantized) kept += ends * rounded + 2 * 4 * numbersOfWeights(model)
  return stepMemory(run, imageModelParameters(model), 0, ({ numbers }) => {
    const earlier = batch.accumulate > 1 ? numbers * 4 : 0
    return { forward: earlier + kept + 2 * widest, back: earlier + kept + numbers * 4 + 2 * widest }
  })
}

function numbersOfWeights(model: ResNetConfig): number {
  let numbers = 0
  for (const { inputs, outputs, kernel } of resNetConvolutions(model))
    numbers += inputs * outputs * kernel ** 2
  return numbers
}

/** Numbers of what blocks give, once each, and of the maxima of the stem. */
function sums(model: ResNetConfig, rows: number): number {
  let numbers = 0
  for (const { name, outputs, size } of resNetConvolutions(model)) {
    const isBlockEnd = name.endsWith(model.block === 'basic' ? '.conv2' : '.conv3')
    if (isBlockEnd) numbers += rows * outputs * size[0] * size[1]
    // Maxima keep where they were found, 8 bytes each.
    if (name === 'conv1' && (model.stem?.pool ?? true))
      numbers += (rows * outputs * size[0] * size[1] * 3) / 4
  }
  return numbers
}
