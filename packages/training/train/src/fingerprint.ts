/**
 * Digests of what a run is: equal for runs that take the same course, however their configuration is written. Knows nothing about
 * checkpoints.
 */

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
import { privacyPlan } from './privacy/privacy-faults.ts'
import type { PrivacyPlan } from './privacy/privacy-options.ts'
import { quantizationOf } from './quantization/quantization-options.ts'
import type { RunConfig } from './run.ts'
import { type DataArray, dataArrays, isStreamed, type TrainingData } from './training-data.ts'

/**
 * Of all that decides the weights, data included, but not of where a schedule ends that can be prolonged, nor of how ranks divide the
 * run, nor of how small passes become in little memory: that changes rounding alone, and a run is to go on in another layout. What is
 * computed again changes nothing at all.
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

/** How it is counted, and a budget that is not what the noise comes from, decide no weights: both may change on the way. */
const decisiveOf = ({ noiseMultiplier, clipping, secure, spent }: PrivacyPlan): object => ({
  noiseMultiplier,
  clipping,
  secure,
  spent,
})

/** Of data alone. */
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

/** What is left out has the value that it is carried out with. */
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

/** JSON in which the order of keys says nothing. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isPlainObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
