/**
 * Estimates the peak memory of a residual network's training step from its configuration: what each convolution, norm and
 * activation reads in the backward pass. Verified against libtorch's allocations in resnet-memory.test.ts. Creates no tensors.
 */

import { numbersOf, type ResNetConfig, resNetConvolutions } from '@hadal/nn'
import { type LabelledImages, viewsOf } from '../image-data/labelled-images.ts'
import { type MemoryPlan, stepMemory } from '../memory/run-memory.ts'
import type { RunConfig } from '../run-config.ts'
import { imageModelParameters, roundsActivations } from './image-kind.ts'

export function resNetMemory(run: RunConfig<ResNetConfig>): MemoryPlan {
  const { model, precision, batch, data } = run
  const rows = batch.windows * viewsOf(data.train as LabelledImages)
  const width = precision === 'fp32' ? 4 : 2
  const { channels, height, width: columns } = model.input
  const isQuantized = roundsActivations(run)
  // Bytes per value: convolution output before the norm's factor is divided out, in fp32; and the rounded value in fp32 with its result.
  const [scaled, rounded] = [4, 4 + width]
  // Pixels as bytes, as floats and normalised.
  let kept = rows * numbersOf([channels, height, columns]) * 9
  let widest = 0
  for (const { outputs, size, isLast } of resNetConvolutions(model)) {
    const numbers = rows * outputs * size[0] * size[1]
    // The norm keeps the convolution's output, the ReLU its own output; there is no ReLU before a sum, and the sum keeps nothing.
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

/** Number of values in block outputs and in the stem's max pooling, each counted once. */
function sums(model: ResNetConfig, rows: number): number {
  let numbers = 0
  for (const { name, outputs, size } of resNetConvolutions(model)) {
    const isBlockEnd = name.endsWith(model.block === 'basic' ? '.conv2' : '.conv3')
    if (isBlockEnd) numbers += rows * outputs * size[0] * size[1]
    // Max pooling saves indices of maxima, 8 bytes each.
    if (name === 'conv1' && (model.stem?.pool ?? true))
      numbers += (rows * outputs * size[0] * size[1] * 3) / 4
  }
  return numbers
}
