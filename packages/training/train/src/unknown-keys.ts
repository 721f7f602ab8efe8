/** Finds unknown keys in a run's configuration: misspelt, or of another kind. */

import { nearest } from '@hadal/base'
import { fp8Defaults, loraDefaults, lossScaleDefaults, weightAverageDefaults } from '@hadal/nn'
import type { Checkpointing } from './checkpointing/checkpointing.ts'
import { guardDefaults } from './divergence-guard.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { MemoryOptions } from './memory/memory-options.ts'
import type { Objective } from './objective.ts'
import type { ParallelOptions } from './parallel/parallel-options.ts'
import type { PrivacyOptions } from './privacy/privacy-options.ts'
import { profileDefaults } from './profile/profile-options.ts'
import type { RunQuantization } from './quantization/quantization-options.ts'
import type { RunConfig } from './run-config.ts'
import type { SampleRequest } from './sample.ts'

/** Schedule, optimizer and model check their own keys; parts that are no objects are skipped. */
export function unknownKeys(config: RunConfig): string[] {
  const { batch, evaluate, checkpoint, guard, rates, adapter, average, checkpointing, parallel, objective } =
    config
  return [
    ...compare('', config, runKeys),
    ...compare('batch.', batch, batchKeys),
    ...compare('evaluate.', evaluate, evaluateKeys),
    ...compare('evaluate.samples.', evaluate.samples, sampleKeys),
    ...compare('checkpoint.', checkpoint, checkpointKeys),
    ...compare('memory.', config.memory, memoryKeys),
    ...compare('guard.', guard, guardDefaults),
    ...compare('rates.', rates, kindOf(config.model).rateKeys),
    ...compare('adapter.', adapter, loraDefaults),
    ...compare('lossScale.', config.lossScale, lossScaleDefaults),
    ...compare('fp8.', config.fp8, fp8Defaults),
    ...compare('average.', average, weightAverageDefaults),
    ...compare('checkpointing.', checkpointing, checkpointingKeys),
    ...compare('parallel.', parallel, parallelKeys),
    ...compare('privacy.', config.privacy, privacyKeys),
    ...compare('profile.', config.profile, profileDefaults),
    ...compare('quantization.', config.quantization, quantizationKeys),
    ...(Object.hasOwn(objectiveKeys, objective.kind)
      ? compare('objective.', objective, objectiveKeys[objective.kind])
      : []),
  ]
}

function compare(prefix: string, value: object | false | undefined, known: object): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) => {
    if (Object.hasOwn(known, key)) return []
    const guess = nearest(key, Object.keys(known))
    return [`${prefix}${key} is unknown${guess === undefined ? '' : `; did you mean ${guess}?`}`]
  })
}

type Keys<T> = Readonly<Record<keyof T, true>>

const runKeys: Keys<RunConfig> = {
  name: true,
  folder: true,
  seed: true,
  model: true,
  startFrom: true,
  adapter: true,
  precision: true,
  lossScale: true,
  fp8: true,
  fusedOps: true,
  objective: true,
  data: true,
  batch: true,
  checkpointing: true,
  lossChunkTokens: true,
  schedule: true,
  rates: true,
  optimizer: true,
  clipNorm: true,
  average: true,
  guard: true,
  expertBalanceRate: true,
  parallel: true,
  evaluate: true,
  checkpoint: true,
  memory: true,
  privacy: true,
  profile: true,
  quantization: true,
}

const privacyKeys: Keys<PrivacyOptions> = {
  epsilon: true,
  delta: true,
  noiseMultiplier: true,
  clipNorm: true,
  clipping: true,
  mode: true,
  accountant: true,
  secure: true,
  replaceLayers: true,
  spent: true,
}

const quantizationKeys: Keys<RunQuantization> = {
  weights: true,
  groupSize: true,
  activations: true,
  observer: true,
  averaging: true,
  half: true,
  fp32Steps: true,
  halfSteps: true,
  observeSteps: true,
  freezeObserversStep: true,
  freezeNormsStep: true,
  skip: true,
}

const parallelKeys: Keys<ParallelOptions> = {
  data: true,
  tensor: true,
  expert: true,
  sequence: true,
  zero: true,
  bucketBytes: true,
  timeoutSeconds: true,
}

const checkpointingKeys: Keys<Checkpointing> = { every: true, memoryTarget: true }
const batchKeys: Keys<RunConfig['batch']> = { windows: true, accumulate: true, cacheRows: true }
const memoryKeys: Keys<MemoryOptions> = { limit: true, emptyEverySteps: true, emptyAtFragmentation: true }
const checkpointKeys: Keys<RunConfig['checkpoint']> = { everySteps: true, keep: true, best: true }
const sampleKeys: Keys<SampleRequest> = { prompts: true, maxTokens: true, stop: true, decode: true }
const evaluateKeys: Keys<RunConfig['evaluate']> = {
  everySteps: true,
  patience: true,
  minImprovement: true,
  samples: true,
}

const preferenceKeys: Keys<Extract<Objective, { kind: 'dpo' }>> = {
  kind: true,
  beta: true,
  labelSmoothing: true,
}

const objectiveKeys: { readonly [Kind in Objective['kind']]: Keys<Extract<Objective, { kind: Kind }>> } = {
  tokens: { kind: true, labelSmoothing: true, zLoss: true },
  dpo: preferenceKeys,
  ipo: preferenceKeys,
  reward: { kind: true },
  classes: { kind: true, classes: true, classWeights: true, labelSmoothing: true },
  contrastive: {
    kind: true,
    loss: true,
    textWeight: true,
    imageWeight: true,
    captionsPerImage: true,
    maxLogitScale: true,
  },
}
