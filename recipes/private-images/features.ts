// Fashion-MNIST as scattering features: nothing of them is learnt, and each image is scaled by itself, so no row depends on another.

import { type FashionImages, fashionMnist } from '@hadal/images'
import { scatteringFeatures } from '@hadal/nn'
import type { LabelledImages } from '@hadal/train'

/** [count, 3969]. Takes a minute for 60,000 images on a core. */
export function featuresOf({ pixels, labels }: FashionImages): LabelledImages {
  const { width, values } = scatteringFeatures({ pixels, side: fashionMnist.side })
  return { shape: [width], pixels: values, labels }
}
