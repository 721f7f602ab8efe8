// A ResNet-18 of Fashion-MNIST: its data and settings, which recipe and benchmark share.

import { type ResNetConfig, resNetConfig } from '@hadal/nn'
import type { LabelledImages, RunOptions } from '@hadal/train'
import { classes, type Images, side, someOf } from '../private-images/fashion-mnist.ts'

export interface ImageData {
  readonly train: LabelledImages
  readonly valid: LabelledImages
}

/** Mean and deviation of all pixels of the training images. */
const normalization = { mean: 0.286, std: 0.353 } as const

/** The last training images; settings are chosen by them, and the test images are read at the very end. */
const heldOut = 5000

export const labelled = ({ pixels, labels }: Images): LabelledImages => ({
  shape: [1, side, side],
  pixels,
  labels,
  normalization,
})

export function imageData(all: Images): ImageData {
  const split = all.labels.length - heldOut
  return {
    train: { ...labelled(someOf(all, 0, split)), augmentation: { flip: 0.5 } },
    valid: labelled(someOf(all, split, all.labels.length)),
  }
}

/** ResNet-18 but for what comes before its blocks: images are small, so the first maps are of 10 by 10 and there are no maxima. */
export const model: ResNetConfig = resNetConfig(18, {
  input: { channels: 1, height: side, width: side },
  classes,
  stem: { kernel: 5, stride: 3, pool: false },
})

const optimizer = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 } as const
const windows = 64

/** In fp32, from fresh weights. */
export function plainOptions(data: ImageData, folder: string): RunOptions<ResNetConfig> {
  const stepsPerEpoch = Math.floor(data.train.labels.length / windows)
  return {
    name: 'images-fp32',
    folder,
    model,
    data,
    batch: { windows, accumulate: 1 },
    optimizer,
    clipNorm: 10,
    schedule: {
      kind: 'wsd',
      peak: 0.05,
      warmupSteps: 200,
      totalSteps: 3 * stepsPerEpoch,
      decaySteps: stepsPerEpoch,
      decayShape: 'linear',
      floorFraction: 0,
    },
    evaluate: { everySteps: stepsPerEpoch },
    checkpoint: { everySteps: 200, keep: 2 },
  }
}
