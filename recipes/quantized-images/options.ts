// A ResNet-18 of Fashion-MNIST, in fp32 and then on eight bits: data and settings, which recipe and benchmark share.

import { type FashionImages, fashionMnist, someFashionImages } from '@hadal/images'
import { type ResNetConfig, resNetConfig } from '@hadal/nn'
import type { LabelledImages, RunOptions, Weights } from '@hadal/train'

const { side, classes } = fashionMnist

export interface ImageData {
  readonly train: LabelledImages
  readonly valid: LabelledImages
}

export const folders = { fp32: 'runs/images-fp32', int8: 'runs/images-int8' } as const

export const classNames: readonly string[] = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]

/** Mean and deviation of all pixels of the training images. */
const normalization = { mean: 0.286, std: 0.353 } as const

/** The last training images. Settings were chosen by them; the test images are read at the end alone, by the benchmark. */
const heldOut = 5000

export const labelled = ({ pixels, labels }: FashionImages): LabelledImages => ({
  shape: [1, side, side],
  pixels,
  labels,
  normalization,
})

export function imageData(all: FashionImages): ImageData {
  const count = all.labels.length
  const split = count - Math.min(heldOut, Math.floor(count / 4))
  return {
    train: { ...labelled(someFashionImages(all, 0, split)), augmentation: { flip: 0.5 } },
    valid: labelled(someFashionImages(all, split, count)),
  }
}

/** ResNet-18 but for what comes before its blocks: images are small, so the first maps are of 10 by 10 and there are no maxima. */
export const model: ResNetConfig = resNetConfig(18, {
  input: { channels: 1, height: side, width: side },
  classes,
  stem: { kernel: 5, stride: 3, pool: false },
})

const shared = {
  model,
  batch: { windows: 64, accumulate: 1 },
  optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  clipNorm: 10,
} as const

/** In fp32, from fresh weights. */
export const plainOptions = (data: ImageData, folder: string): RunOptions<ResNetConfig> => ({
  ...shared,
  name: 'images-fp32',
  folder,
  data,
  schedule: {
    kind: 'wsd',
    peak: 0.05,
    warmupSteps: 200,
    totalSteps: 3000,
    decaySteps: 1300,
    decayShape: 'linear',
    floorFraction: 0,
  },
  evaluate: { everySteps: 1500 },
  checkpoint: { everySteps: 50, keep: 2 },
})

/** On from `startFrom`: a tenth of the steps in fp32, a tenth in bf16, the rest with weights and activations on eight bits. */
export function int8Options(data: ImageData, folder: string, startFrom: Weights): RunOptions<ResNetConfig> {
  const totalSteps = 200
  return {
    ...shared,
    name: 'images-int8',
    folder,
    data,
    startFrom,
    quantization: { weights: 'int8', activations: 'int8' },
    schedule: { kind: 'linear', peak: 0.005, warmupSteps: 0, totalSteps, floorFraction: 0 },
    evaluate: { everySteps: totalSteps },
    checkpoint: { everySteps: 50, keep: 2 },
  }
}
