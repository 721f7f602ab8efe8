// A linear classifier of features, trained privately or not: what recipe and benchmark share.

import { fashionMnist } from '@hadal/images'
import type { ImageClassifierConfig } from '@hadal/nn'
import type { LabelledImages, RunOptions } from '@hadal/train'

export interface FeatureData {
  readonly train: LabelledImages
  readonly valid: LabelledImages
}

/** Epsilon and delta of the private run. */
export const promise = { epsilon: 3, delta: 1 / 60_000 } as const

/** Found on the last 10,000 training images, by training on the others; the test images were read at the end alone. */
export function privateOptions(data: FeatureData, folder: string): RunOptions<ImageClassifierConfig> {
  const totalSteps = 300
  return {
    name: 'private-images',
    folder,
    model: modelOf(data),
    data,
    batch: { windows: 8192, accumulate: 1 },
    privacy: { ...promise, clipNorm: 6.3 },
    optimizer: { kind: 'sgd', momentum: 0.9 },
    schedule: { peak: 0.15, warmupSteps: 0, totalSteps, floorFraction: 1 },
    average: { decay: 0.95 },
    evaluate: { everySteps: 100 },
    checkpoint: { everySteps: 100, keep: 1 },
  }
}

/** The same classifier of the same features without privacy, in the batches and with the rate that suit it. */
export function plainOptions(data: FeatureData, folder: string): RunOptions<ImageClassifierConfig> {
  const totalSteps = 3000
  return {
    name: 'plain-images',
    folder,
    model: modelOf(data),
    data,
    batch: { windows: 512, accumulate: 1 },
    optimizer: { kind: 'sgd', momentum: 0.9 },
    clipNorm: 1000,
    schedule: { peak: 0.02, warmupSteps: 0, totalSteps, floorFraction: 0 },
    evaluate: { everySteps: 1000 },
    checkpoint: { everySteps: 1000, keep: 1 },
  }
}

function modelOf({ train }: FeatureData): ImageClassifierConfig {
  return {
    model_type: 'image_classifier',
    input: { features: train.shape[0]! },
    layers: [],
    classes: fashionMnist.classes,
  }
}
