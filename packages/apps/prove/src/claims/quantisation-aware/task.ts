/** Data and model: generated images and a small network, or Fashion-MNIST and a ResNet-18 if installed. */

import { existsSync } from 'node:fs'
import { type FashionImages, fashionMnist, readFashionMnist, someFashionImages } from '@hadal/images'
import { type ImageClassifierConfig, type ResNetConfig, resNetConfig } from '@hadal/nn'
import type { LabelledImages, RunOptions } from '@hadal/train'
import type { ClaimMode } from '../../claim.ts'
import { classCount, drawClasses } from '../../drawings/classes.ts'

export type ClassifierConfig = ImageClassifierConfig | ResNetConfig
export type Options = Omit<RunOptions<ClassifierConfig>, 'folder' | 'seed'>

export interface QuantisedTask {
  /** Shown in the report. */
  readonly what: string
  readonly model: ClassifierConfig
  readonly train: LabelledImages
  /** To choose by how to round after training. */
  readonly choice: LabelledImages
  readonly test: LabelledImages
  /** In fp32, from fresh weights. */
  readonly learn: Options
  /** On from there: fp32 or rounded, which `quantization` decides. */
  readonly more: Options
}

export function quantisedTask(mode: ClaimMode, seed: number): QuantisedTask {
  return mode === 'full' && existsSync(fashionMnist.folder) ? clothes() : drawn(mode, seed)
}

const side = 16
const drawnRows = {
  quick: { train: 8000, choice: 1000, test: 4000, steps: 340, more: 64 },
  full: { train: 30_000, choice: 2000, test: 10_000, steps: 2000, more: 200 },
} as const

function drawn(mode: ClaimMode, seed: number): QuantisedTask {
  const { train, choice, test, steps, more } = drawnRows[mode]
  // Each part from a different seed.
  const draw = (part: number, count: number): LabelledImages => ({
    ...drawClasses({ seed: 3 * seed + part, count, side, noise: 0.06, turn: 0.8 }),
    normalization: { mean: 0.5, std: 0.25 },
  })
  const data = { train: draw(0, train), choice: draw(1, choice), test: draw(2, test) }
  const missing =
    mode === 'full' ? ' (Fashion-MNIST is not installed: apt-get install dataset-fashion-mnist)' : ''
  return taskOf(
    `a network of four convolutions, pictures of ten shapes drawn from the seed${missing}`,
    network(),
    data,
    { steps, more, peak: 0.05, morePeak: 0.005 },
  )
}

function network(): ImageClassifierConfig {
  const block = (channels: number, stride: number) =>
    [
      { kind: 'conv', channels, kernel: 3, stride, padding: 1 },
      { kind: 'batch-norm' },
      { kind: 'relu' },
    ] as const
  return {
    model_type: 'image_classifier',
    input: { channels: 1, height: side, width: side },
    layers: [
      ...block(16, 1),
      ...block(32, 2),
      ...block(48, 1),
      ...block(64, 2),
      { kind: 'global-average-pool' },
    ],
    classes: classCount,
  }
}

/** The recipe's model; fewer steps than it has, for there are several seeds. */
function clothes(): QuantisedTask {
  const { folder, side: height, classes } = fashionMnist
  const labelled = ({ pixels, labels }: FashionImages): LabelledImages => ({
    shape: [1, height, height],
    pixels,
    labels,
    normalization: { mean: 0.286, std: 0.353 },
  })
  const all = readFashionMnist(folder, 'train')
  const split = all.labels.length - 5000
  const model = resNetConfig(18, {
    input: { channels: 1, height, width: height },
    classes,
    stem: { kernel: 5, stride: 3, pool: false },
  })
  const data = {
    train: { ...labelled(someFashionImages(all, 0, split)), augmentation: { flip: 0.5 } },
    choice: labelled(someFashionImages(all, split, all.labels.length)),
    test: labelled(readFashionMnist(folder, 't10k')),
  }
  return taskOf('a ResNet-18, Fashion-MNIST', model, data, {
    steps: 1400,
    more: 200,
    peak: 0.05,
    morePeak: 0.005,
  })
}

function taskOf(
  what: string,
  model: ClassifierConfig,
  data: Pick<QuantisedTask, 'train' | 'choice' | 'test'>,
  { steps, more, peak, morePeak }: Readonly<Record<'steps' | 'more' | 'peak' | 'morePeak', number>>,
): QuantisedTask {
  const shared = {
    model,
    data: { train: data.train, valid: data.choice },
    batch: { windows: 64, accumulate: 1 },
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    clipNorm: 10,
  } as const
  return {
    ...data,
    what,
    model,
    learn: {
      ...shared,
      name: 'fp32',
      schedule: { peak, warmupSteps: Math.ceil(steps / 15), totalSteps: steps, floorFraction: 0 },
      evaluate: { everySteps: steps },
    },
    more: {
      ...shared,
      name: 'more',
      schedule: { kind: 'linear', peak: morePeak, warmupSteps: 0, totalSteps: more, floorFraction: 0 },
      evaluate: { everySteps: more },
    },
  }
}
