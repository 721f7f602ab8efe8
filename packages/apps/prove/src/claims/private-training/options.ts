/** A linear classifier of features, trained privately and plainly: the settings of both, for few rows and for many. */

import type { ImageClassifierConfig } from '@hadal/nn'
import type { LabelledImages, RunOptions } from '@hadal/train'
import type { ClaimMode } from '../../claim.ts'

export interface FeatureData {
  /** Included in the report. */
  readonly what: string
  readonly train: LabelledImages
  readonly test: LabelledImages
}

export type TwinOptions = Omit<RunOptions<ImageClassifierConfig>, 'folder' | 'seed'>

export const epsilon = 3
/** A numerical composition of the privacy loss: the tightest of the three bounds there are. */
export const accountant = 'prv'
export const deltaOf = (rows: number): number => 1 / rows

/**
 * `full`: as recipes/private-images has them, found on training images that were held out. `quick`: found in the same way on pictures of
 * another seed.
 */
const privately = {
  quick: { share: 0.15, steps: 100, peak: 0.15 },
  full: { share: 8192 / 60_000, steps: 300, peak: 0.15 },
} as const

const plainly = {
  quick: { peak: 0.1, steps: 600 },
  full: { peak: 0.02, steps: 3000 },
} as const

/** Noise and rows follow from the seed, so that a run can be repeated; they are as large as with unseeded noise. */
export function privateOptions(data: FeatureData, mode: ClaimMode): TwinOptions {
  const { share, steps, peak } = privately[mode]
  const rows = data.train.labels.length
  return {
    ...ofBoth('private', data, steps),
    batch: { windows: Math.round(rows * share), accumulate: 1 },
    privacy: { epsilon, delta: deltaOf(rows), accountant, clipNorm: 6.3, secure: false },
    schedule: { peak, warmupSteps: 0, totalSteps: steps, floorFraction: 1 },
    average: { decay: 0.95 },
  }
}

export function plainOptions(data: FeatureData, mode: ClaimMode): TwinOptions {
  const { steps, peak } = plainly[mode]
  return {
    ...ofBoth('plain', data, steps),
    batch: { windows: 512, accumulate: 1 },
    clipNorm: 1000,
    schedule: { peak, warmupSteps: 0, totalSteps: steps, floorFraction: 0 },
  }
}

const ofBoth = (
  name: string,
  { train, test }: FeatureData,
  steps: number,
): Pick<TwinOptions, 'name' | 'model' | 'data' | 'optimizer' | 'evaluate'> => ({
  name,
  model: {
    model_type: 'image_classifier',
    input: { features: train.shape[0]! },
    layers: [],
    classes: 10,
  },
  data: { train, valid: test },
  optimizer: { kind: 'sgd', momentum: 0.9 },
  evaluate: { everySteps: steps },
})
