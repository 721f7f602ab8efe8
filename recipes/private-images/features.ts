// Fashion-MNIST as scattering features: nothing of them is learnt, and each image is scaled by itself, so no row tells of another.

import { scattering, scatteringChannels } from '@hadal/nn'
import { noGrad, scope, torch } from '@hadal/tensor'
import type { LabelledImages } from '@hadal/train'
import { type Images, side } from './fashion-mnist.ts'

/** Neighbouring channels that are brought to mean 0 and variance 1 together, in each image by itself. */
const groups = 27
/** 81 channels of 7 x 7. */
const featureCount = scatteringChannels() * (side / 4) ** 2

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
