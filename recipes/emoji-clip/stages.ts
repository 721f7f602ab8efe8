// The two stages as runs: learning from one family of emoji and from stamps, then being tuned to another family, of which one emoji in
// five is held out. What is held out was seen in the first family, drawn otherwise: what is measured is how well a model takes to new
// drawings of what it knows.

import { clipNormalization } from '@hadal/images'
import type { ClipConfig } from '@hadal/nn'
import {
  type CaptionedImage,
  type ContrastiveObjective,
  type ImageTextPairs,
  makeImageTextPairs,
  type RunOptions,
  splitByImage,
  type TowerRates,
  type Weights,
} from '@hadal/train'
import { type EmojiModel, emojiModel } from './model.ts'
import { readPairs } from './pairs.ts'
import { checkSources } from './sources.ts'

export interface EmojiStages extends EmojiModel {
  readonly pretrain: Part
  readonly tune: Part
  /** Pictures of pretraining. */
  readonly counts: { readonly openmoji: number; readonly stamps: number }
}

/** Held-out pictures are asked for by their name alone. */
export interface Part {
  readonly train: ImageTextPairs
  readonly valid: ImageTextPairs
  readonly validRows: readonly CaptionedImage[]
}

const heldOutShare = 0.2

/** Decodes every picture, which takes half a minute the first time; throws with the commands that bring missing data. */
export async function emojiStages(folder: string): Promise<EmojiStages> {
  checkSources(folder)
  const pairs = readPairs(folder)
  const model = emojiModel(pairs)
  const made = async (rows: readonly CaptionedImage[], varied: boolean): Promise<ImageTextPairs> => {
    const { train, warning } = await makeImageTextPairs({
      data: { rows, skipped: [] },
      imageSize: model.config.vision_config.image_size,
      normalization: clipNormalization,
      tokenizer: model.tokenizer,
      tokens: model.tokens,
      fit: 'pad',
      cache: { maxBytes: 2 ** 29, folder: `${folder}/pixels` },
      validShare: 0,
      ...(varied && { augmentation }),
    })
    if (warning) console.error(warning)
    return train
  }
  const part = async (train: readonly CaptionedImage[], valid: readonly CaptionedImage[]): Promise<Part> => {
    const validRows = valid.map((row) => ({ ...row, captions: row.captions.slice(0, 1) }))
    return { train: await made(train, true), valid: await made(validRows, false), validRows }
  }
  const { train: tuned, valid: heldOut } = splitByImage(pairs.twemoji, heldOutShare)
  return {
    ...model,
    pretrain: await part([...pairs.openmoji, ...pairs.stamps], heldOut),
    tune: await part(tuned, heldOut),
    counts: { openmoji: pairs.openmoji.length, stamps: pairs.stamps.length },
  }
}

const augmentation = {
  crop: { minArea: 0.5, maxAspect: 1.2 },
  flip: 0.5,
  brightness: 0.2,
  contrast: 0.2,
  saturation: 0.4,
  hue: 15,
}

/** Settings of both stages. */
const shared = { precision: 'bf16', checkpoint: { everySteps: 200, keep: 1 } } as const

export const pretrainRun = (
  { config, pretrain }: EmojiStages,
  { folder, steps }: { readonly folder: string; readonly steps: number },
): RunOptions<ClipConfig> => ({
  ...shared,
  name: 'emoji-clip',
  folder,
  model: config,
  data: pretrain,
  objective: { kind: 'contrastive' },
  batch: { windows: 128, accumulate: 1 },
  schedule: { peak: 1e-3, warmupSteps: Math.min(100, steps), totalSteps: steps, floorFraction: 0.01 },
  optimizer: { kind: 'adamw', weightDecay: 0.2 },
  evaluate: { everySteps: Math.max(1, Math.floor(steps / 10)) },
})

export interface TuneOptions {
  readonly folder: string
  readonly startFrom: Weights
  readonly seed: number
  readonly steps: number
  readonly rates: Required<TowerRates>
  readonly weights: Required<Pick<ContrastiveObjective, 'textWeight' | 'imageWeight'>>
}

export const tuneRun = (
  { config, tune }: EmojiStages,
  { folder, startFrom, seed, steps, rates, weights }: TuneOptions,
): RunOptions<ClipConfig> => ({
  ...shared,
  name: 'emoji-clip-tune',
  folder,
  seed,
  model: config,
  startFrom,
  data: tune,
  objective: { kind: 'contrastive', ...weights },
  rates,
  batch: { windows: 128, accumulate: 1 },
  schedule: {
    peak: Math.max(rates.text, rates.image),
    warmupSteps: Math.ceil(steps / 10),
    totalSteps: steps,
    floorFraction: 0.1,
  },
  optimizer: { kind: 'adamw', weightDecay: 0.01 },
  evaluate: { everySteps: steps },
})
