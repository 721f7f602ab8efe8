/**
 * Loads labelled images as a tensor: draws views, stacks and normalises them.
 *
 * Shapes: b samples times views, c channels, h height, w width.
 */

import { blockRandom } from '@hadal/nn'
import { type Tensor, torch } from '@hadal/tensor'
import {
  augmentationDefaults,
  type LabelledImages,
  type Normalization,
  numbersOfSample,
} from './labelled-images.ts'

/** Seed of augmentation for one draw of a sample: equal draws give equal views. */
export interface Draw {
  readonly seed: number
  readonly turn: number
}

/** fp32 [b, ...shape], with the views of one sample adjacent. Without a `draw`, samples are unaugmented, one view each. */
export function imageBatch(data: LabelledImages, indices: readonly number[], draw: Draw | undefined): Tensor {
  const { shape } = data
  const { views } = { ...augmentationDefaults, ...(draw && data.augmentation) }
  const numbers = numbersOfSample(data)
  const rows =
    data.pixels instanceof Uint8Array
      ? new Uint8Array(indices.length * views * numbers)
      : new Float32Array(indices.length * views * numbers)
  indices.forEach((index, place) => {
    const sample = data.pixels.subarray(index * numbers, (index + 1) * numbers)
    const random = draw && blockRandom(draw.seed, draw.turn, index)
    for (let view = 0; view < views; view += 1) {
      const at = (place * views + view) * numbers
      rows.set(random ? augmented(sample, data, random) : sample, at)
    }
  })
  const x = torch.tensor(rows, { shape: [indices.length * views, ...shape] }).float()
  const scaled = rows instanceof Uint8Array ? x.div(255) : x
  return data.normalization ? normalized(scaled, data.normalization) : scaled
}

function normalized(x: Tensor, { mean, std }: Normalization): Tensor {
  const of = (value: number | readonly number[]): Tensor => {
    const values = typeof value === 'number' ? [value] : value
    return torch.tensor(Float32Array.from(values), {
      shape: [values.length, ...x.shape.slice(2).map(() => 1)],
    })
  }
  return x.sub(of(mean)).div(of(std))
}

type Pixels = Uint8Array | Float32Array

/** One view. Always draws the same count of numbers, so that views do not depend on one another. */
function augmented(sample: Pixels, data: LabelledImages, random: () => number): Pixels {
  const { flip, shift } = { ...augmentationDefaults, ...data.augmentation }
  const mirrored = random() < flip
  const [down, right] = [moved(shift, random), moved(shift, random)]
  if (!mirrored && down === 0 && right === 0) return sample
  const [channels, height, width] = data.shape as [number, number, number]
  const view = sample.slice()
  for (let c = 0; c < channels; c += 1)
    for (let y = 0; y < height; y += 1) {
      const from = (c * height + inside(y + down, height)) * width
      const to = (c * height + y) * width
      for (let x = 0; x < width; x += 1) {
        const source = inside(x + right, width)
        view[to + x] = sample[from + (mirrored ? width - 1 - source : source)]!
      }
    }
  return view
}

/** -most to most. */
const moved = (most: number, random: () => number): number => Math.floor(random() * (2 * most + 1)) - most

/** A place beyond an edge is as far within it. */
function inside(place: number, size: number): number {
  if (place < 0) return -place
  return place < size ? place : 2 * (size - 1) - place
}
