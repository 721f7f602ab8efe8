/** A training run as one typed object, checked as a whole. Knows nothing about how it is carried out. */

import { createHash } from 'node:crypto'
import {
  type AdamWOptions,
  adamWDefaults,
  type CosineSchedule,
  countTargets,
  type DecoderConfig,
  decoderConfigFaults,
  type Precision,
  type Windows,
} from '@hadal/nn'
import { invalidRun } from './errors.ts'
import type { Weights } from './weights.ts'

export interface RunConfig {
  readonly name: string
  /** Holds `checkpoints/` and `metrics.jsonl`; a run started again in the same folder goes on. */
  readonly folder: string
  readonly seed: number
  readonly model: DecoderConfig
  /** Weights to begin with; fresh ones otherwise. */
  readonly startFrom?: Weights
  readonly precision: Precision
  readonly data: { readonly train: Windows; readonly valid: Windows }
  /** A step reads windows · accumulate windows, in `accumulate` passes. */
  readonly batch: { readonly windows: number; readonly accumulate: number }
  readonly schedule: CosineSchedule
  readonly optimizer: AdamWOptions
  /** Largest global gradient norm. */
  readonly clipNorm: number
  readonly evaluate: { readonly everySteps: number }
  readonly checkpoint: { readonly everySteps: number; readonly keep: number }
}

type Defaulted = 'seed' | 'precision' | 'optimizer' | 'clipNorm' | 'checkpoint'

/** What a recipe writes: everything of `RunConfig`, the usual values left out. */
export type RunOptions = Omit<RunConfig, Defaulted> & Partial<Pick<RunConfig, Defaulted>>

export interface Run extends RunConfig {
  /** Equal for runs that take the same course: a hash of all that decides the weights, data included. */
  readonly fingerprint: string
}

/** Fills in the usual values and checks everything; throws `train_invalid_run` with every fault. */
export function defineRun(options: RunOptions): Run {
  const config: RunConfig = {
    seed: 1,
    precision: 'fp32',
    optimizer: adamWDefaults,
    clipNorm: 1,
    checkpoint: { everySteps: 100, keep: 3 },
    ...options,
  }
  const faults = runFaults(config)
  if (faults.length > 0) throw invalidRun(config.name, faults)
  return { ...config, fingerprint: fingerprint(config) }
}

function runFaults(config: RunConfig): string[] {
  const faults: string[] = decoderConfigFaults(config.model).map((fault) => `model.${fault}`)
  const check = (name: string, value: number, sound: boolean, want: string): void => {
    if (!sound) faults.push(`${name} is ${value}; it must be ${want}`)
  }
  const whole = (name: string, value: number, least: number): void =>
    check(name, value, Number.isSafeInteger(value) && value >= least, `a whole number of at least ${least}`)
  const { batch, schedule, optimizer, data, model } = config
  if (!/^[\w.-]+$/.test(config.name))
    faults.push(`name is ${JSON.stringify(config.name)}; use letters, digits, dots, dashes and underscores`)
  if (config.folder === '') faults.push('folder is empty; name a folder for checkpoints and metrics')
  if (config.precision !== 'fp32' && config.precision !== 'bf16')
    faults.push(`precision is ${JSON.stringify(config.precision)}; it must be "fp32" or "bf16"`)
  whole('seed', config.seed, 0)
  whole('batch.windows', batch.windows, 1)
  whole('batch.accumulate', batch.accumulate, 1)
  whole('schedule.totalSteps', schedule.totalSteps, 1)
  whole('schedule.warmupSteps', schedule.warmupSteps, 0)
  check(
    'schedule.warmupSteps',
    schedule.warmupSteps,
    !(schedule.warmupSteps > schedule.totalSteps),
    'at most schedule.totalSteps',
  )
  check('schedule.peak', schedule.peak, schedule.peak > 0, 'above 0')
  check(
    'schedule.floorFraction',
    schedule.floorFraction,
    schedule.floorFraction >= 0 && schedule.floorFraction <= 1,
    'from 0 to 1',
  )
  for (const key of ['beta1', 'beta2'] as const)
    check(`optimizer.${key}`, optimizer[key], optimizer[key] >= 0 && optimizer[key] < 1, 'from 0 to below 1')
  check('optimizer.eps', optimizer.eps, optimizer.eps > 0, 'above 0')
  check('optimizer.weightDecay', optimizer.weightDecay, optimizer.weightDecay >= 0, 'at least 0')
  check('clipNorm', config.clipNorm, config.clipNorm > 0, 'above 0')
  whole('evaluate.everySteps', config.evaluate.everySteps, 1)
  whole('checkpoint.everySteps', config.checkpoint.everySteps, 1)
  whole('checkpoint.keep', config.checkpoint.keep, 1)
  for (const [part, windows] of Object.entries(data)) {
    check(
      `data.${part} window length`,
      windows.length,
      windows.length <= model.max_position_embeddings,
      `at most model.max_position_embeddings (${model.max_position_embeddings})`,
    )
    const highest = windows.inputs.reduce((most, id) => Math.max(most, id), 0)
    check(`data.${part} largest token`, highest, highest < model.vocab_size, `below ${model.vocab_size}`)
    check(`data.${part} targets`, 0, countTargets(windows) > 0, 'at least one token that carries loss')
  }
  return faults
}

function fingerprint(config: RunConfig): string {
  const { name: _, folder: __, evaluate: ___, checkpoint: ____, data, startFrom, ...decisive } = config
  const hash = createHash('sha256').update(JSON.stringify(decisive))
  const add = (name: string, part: Int32Array | Float32Array): void => {
    hash.update(name).update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  }
  add('inputs', data.train.inputs)
  add('targets', data.train.targets)
  if (data.train.segments) add('segments', data.train.segments)
  for (const [name, { values }] of startFrom ?? []) add(name, values)
  return hash.digest('hex')
}
