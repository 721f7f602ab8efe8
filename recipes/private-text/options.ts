// A linear classifier of hashed words, trained privately or not: what recipe and benchmark share.

import { createHash } from 'node:crypto'
import type { ImageClassifierConfig } from '@hadal/nn'
import type { LabelledImages, RunOptions } from '@hadal/train'
import { hashedWords } from './hashed-words.ts'
import type { Mail } from './mails.ts'

export interface MailData {
  readonly train: LabelledImages
  readonly valid: LabelledImages
}

export const places = 4096

/**
 * A fifth of the mails is for the end, a tenth to find settings on; which, goes by what a mail says, so that copies stay together.
 * `tuning`: measures on the tenth instead, and trains without it.
 */
export function mailData(mails: readonly Mail[], tuning: boolean): MailData {
  const tenth = (mail: Mail): number =>
    createHash('sha256').update(`${mail.subject}\n${mail.body}`).digest().readUInt32LE(0) % 10
  const of = (wanted: (tenth: number) => boolean): LabelledImages =>
    featuresOf(mails.filter((mail) => wanted(tenth(mail))))
  return tuning
    ? { train: of((it) => it > 2), valid: of((it) => it === 2) }
    : { train: of((it) => it > 1), valid: of((it) => it < 2) }
}

function featuresOf(mails: readonly Mail[]): LabelledImages {
  const features = new Float32Array(mails.length * places)
  mails.forEach((mail, row) => {
    features.set(hashedWords(mail, places), row * places)
  })
  return {
    shape: [places],
    pixels: features,
    labels: Int32Array.from(mails, ({ isSpam }) => (isSpam ? 1 : 0)),
  }
}

const model: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { features: places },
  layers: [],
  classes: 2,
}

/** Epsilon 3; delta is 1 / mails. */
export function privateOptions(data: MailData, folder: string): RunOptions<ImageClassifierConfig> {
  return {
    name: 'private-text',
    folder,
    model,
    data,
    batch: { windows: 1000, accumulate: 1 },
    privacy: { epsilon: 3, delta: 1 / data.train.labels.length, clipNorm: 0.35 },
    optimizer: { kind: 'sgd', momentum: 0.9 },
    schedule: { peak: 14, warmupSteps: 0, totalSteps: 60, floorFraction: 1 },
    average: { decay: 0.9 },
    evaluate: { everySteps: 20 },
    checkpoint: { everySteps: 20, keep: 1 },
  }
}

export function plainOptions(data: MailData, folder: string): RunOptions<ImageClassifierConfig> {
  return {
    name: 'plain-text',
    folder,
    model,
    data,
    batch: { windows: 500, accumulate: 1 },
    optimizer: { kind: 'sgd', momentum: 0.9 },
    clipNorm: 1000,
    schedule: { peak: 15, warmupSteps: 0, totalSteps: 400, floorFraction: 0 },
    evaluate: { everySteps: 100 },
    checkpoint: { everySteps: 100, keep: 1 },
  }
}
