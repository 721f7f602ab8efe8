/** A training run as one typed object, checked as a whole. Knows nothing about how it is carried out. */

import { createHash } from 'node:crypto'
import {
  adamWDefaults,
  type DecoderConfig,
  type OptimizerChoice,
  type Precision,
  type Schedule,
  type Windows,
} from '@hadal/nn'
import { invalidRun } from './errors.ts'
import { runFaults } from './run-faults.ts'
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
  readonly schedule: Schedule
  /** What is left out has its kind's usual value; fused AdamW where no kind is named. */
  readonly optimizer: OptimizerChoice
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

/**
 * Fills in the usual values and checks everything; throws `train_invalid_run` with every fault. A run may be derived from
 * another: `defineRun({ ...run, seed: 2 })`.
 */
export function defineRun(options: RunOptions | Run): Run {
  const { fingerprint: _, ...given } = { fingerprint: '', ...options }
  const config: RunConfig = {
    seed: 1,
    precision: 'fp32',
    optimizer: adamWDefaults,
    clipNorm: 1,
    checkpoint: { everySteps: 100, keep: 3 },
    ...given,
  }
  const faults = runFaults(config)
  if (faults.length > 0) throw invalidRun(config.name, faults)
  return { ...config, fingerprint: fingerprint(config) }
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
