// Fashion-MNIST as scattering features: nothing of them is learnt, and each image is scaled by itself, so no row tells of another.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { scattering, scatteringChannels } from '@hadal/nn'
import { noGrad, scope, torch } from '@hadal/tensor'
import type { LabelledImages } from '@hadal/train'
import { type Idx, readIdx } from './idx.ts'

export interface Images {
  /** [count, 28, 28] */
  readonly pixels: Uint8Array
  readonly labels: Int32Array
}

export const classes = 10
const side = 28
/** Neighbouring channels that are brought to mean 0 and variance 1 together, in each image by itself. */
const groups = 27
/** 81 channels of 7 x 7. */
const featureCount = scatteringChannels() * (side / 4) ** 2

/** Debian's package; throws an Error that says how to get it where it is not there. */
export function readImages(folder: string, part: 'train' | 't10k'): Images {
  const files = [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`].map((name) =>
    join(folder, name),
  )
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined)
    throw new Error(
      `${missing} is not there: apt-get install dataset-fashion-mnist, or name the folder: -- --data <folder>`,
    )
  return imagesOf(readIdx(files[0]!), readIdx(files[1]!))
}

export function imagesOf(images: Idx, labels: Idx): Images {
  const [count] = labels.shape
  if (String(images.shape) !== String([count, side, side]) || labels.shape.length !== 1)
    throw new Error(`images of [${images.shape}] do not go with labels of [${labels.shape}]`)
  return { pixels: images.bytes, labels: Int32Array.from(labels.bytes) }
}

export function someOf({ pixels, labels }: Images, start: number, end: number): Images {
  return {
    pixels: pixels.subarray(start * side ** 2, end * side ** 2),
    labels: labels.subarray(start, end),
  }
}

/** Images that are scattered at once: they take some 200 MB then. */
const atOnce = 250

/** [count, 3969], group-normalised without anything learnt. Takes a minute for 60,000 images on a core. */
export function featuresOf({ pixels, labels }: Images): LabelledImages {
  const features = new Float32Array(labels.length * featureCount)
  for (let start = 0; start < labels.length; start += atOnce) {
    const end = Math.min(start + atOnce, labels.length)
    const some = pixels.subarray(start * side ** 2, end * side ** 2)
    const values = noGrad(() =>
      scope(() => {
        const images = torch
          .tensor(some, { shape: [end - start, 1, side, side] })
          .float()
          .div(255)
        return torch.groupNorm(scattering(images), groups).toTypedArray()
      }),
    )
    features.set(values as Float32Array, start * featureCount)
  }
  return { shape: [featureCount], pixels: features, labels }
}
