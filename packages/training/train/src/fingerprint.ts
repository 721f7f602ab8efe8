/** Digests of a run: equal for runs that compute the same result, regardless of how their configuration is written. */

import { createHash, type Hash } from 'node:crypto'
import { isPlainObject } from '@hadal/base'
import {
  adafactorDefaults,
  adamW8bitDefaults,
  adamWDefaults,
  fp8Defaults,
  lionDefaults,
  loraDefaults,
  lossScaleDefaults,
  muonDefaults,
  type OptimizerChoice,
  type OptimizerKind,
  type Schedule,
  sgdDefaults,
  weightAverageDefaults,
} from '@hadal/nn'
import { hashBytes } from './hash-bytes.ts'
import { kindOf } from './kinds/kind-of.ts'
import { objectiveDefaults } from './objective.ts'
import { privacyPlan } from './privacy/privacy-issues.ts'
import type { PrivacyPlan } from './privacy/privacy-options.ts'
import { quantizationOf } from './quantization/quantization-of.ts'
import type { RunConfig } from './run-config.ts'
import { type DataArray, dataArrays, isStreamed, type TrainingData } from './training-data.ts'

/**
 * Covers everything that determines the weights, including data, except: the end of a schedule that can be extended, the parallel
 * layout, and pass splitting. The latter two change only rounding, and a run may resume with another layout. Recomputation changes
 * nothing.
 */
export function fingerprintOf(config: RunConfig): string {
  const { name: _, folder: __, evaluate: ___, checkpoint: ____, parallel: _____, ...rest } = config
  const { data, startFrom, checkpointing: ______, memory: _______, privacy: ________, ...others } = rest
  const { quantization: _________, profile: __________, ...decisive } = others
  const hash = createHash('sha256').update(canonical(completed(decisive)))
  const quantization = quantizationOf(config)
  if (quantization) hash.update(canonical({ quantization }))
  const privacy = privacyPlan(config)
  if (privacy) hash.update(canonical(decisiveOf(privacy)))
  addData(hash, data.train)
  const weights = [...(startFrom ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name, { shape, values }] of weights) addArray(hash, [name, shape], values)
  return hash.digest('hex')
}

/** The accountant, and a budget the noise is not derived from, do not affect the weights; both may change on resume. */
const decisiveOf = ({ noiseMultiplier, clipping, secure, spent }: PrivacyPlan): object => ({
  noiseMultiplier,
  clipping,
  secure,
  spent,
})

/** Digest of the data only. */
export function dataFingerprint(data: TrainingData): string {
  const hash = createHash('sha256')
  addData(hash, data)
  return hash.digest('hex')
}

function addData(hash: Hash, data: TrainingData): void {
  if (isStreamed(data)) hash.update(canonical([data.length, data.fingerprint]))
  else for (const [name, array] of dataArrays(data)) addArray(hash, name, array)
}

function addArray(hash: Hash, name: unknown, array: DataArray): void {
  hash.update(canonical([name, array.length]))
  hashBytes(hash, array)
}

type Decisive = Omit<
  RunConfig,
  | 'name'
  | 'folder'
  | 'evaluate'
  | 'checkpoint'
  | 'parallel'
  | 'checkpointing'
  | 'memory'
  | 'privacy'
  | 'quantization'
  | 'profile'
  | 'data'
  | 'startFrom'
>

/** Fills in defaults. */
function completed({
  model,
  objective,
  schedule,
  rates,
  optimizer,
  adapter,
  average,
  precision,
  lossScale,
  fp8,
  lossChunkTokens,
  fusedOps,
  ...rest
}: Decisive): object {
  return {
    ...rest,
    ...(fusedOps && { fusedOps }),
    precision,
    ...(precision === 'fp16' && { lossScale: { ...lossScaleDefaults, ...lossScale } }),
    ...(precision === 'fp8' && { fp8: { ...fp8Defaults, ...fp8 } }),
    ...kindOf(model).completed({ model, objective, schedule, rates, lossChunkTokens }),
    objective: { ...objectiveDefaults[objective.kind], ...objective },
    schedule: course(schedule),
    optimizer: completedOptimizer(optimizer),
    ...(adapter && { adapter: { ...loraDefaults, ...adapter } }),
    ...(average && { average: { ...weightAverageDefaults, ...average } }),
  }
}

/** Two that agree in it may still end differently (`changeSince`). */
function course(schedule: Schedule): object {
  switch (schedule.kind) {
    case 'wsd': {
      const { kind, peak, warmupSteps } = schedule
      return { kind, peak, warmupSteps }
    }
    case 'inverse-sqrt': {
      const { kind, peak, warmupSteps, timescale = Math.max(1, warmupSteps) } = schedule
      return { kind, peak, warmupSteps, timescale }
    }
    default:
      return { kind: 'cosine', ...schedule }
  }
}

const optimizerDefaults: Readonly<Record<OptimizerKind, object>> = {
  adamw: adamWDefaults,
  'adamw-8bit': adamW8bitDefaults,
  sgd: sgdDefaults,
  lion: lionDefaults,
  adafactor: adafactorDefaults,
  muon: muonDefaults,
}

function completedOptimizer(choice: OptimizerChoice): object {
  const { kind = 'adamw' } = choice
  return { ...optimizerDefaults[kind], ...choice, kind }
}

/** JSON with sorted keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isPlainObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
