/** Validates a run's configuration; each issue is a sentence that includes the value. */

import { optimizerFaults, scheduleFaults } from '@hadal/nn'
import { checkpointingFaults } from './checkpointing/checkpointing.ts'
import { dataShapeFaults, weightsShapeFaults } from './data-shape.ts'
import { guardFaults } from './guard-faults.ts'
import { kindOf } from './kinds/kind-of.ts'
import { memoryFaults } from './memory/memory-options.ts'
import { objectiveFaults, objectiveKindFaults } from './objective-faults.ts'
import { parallelFaults } from './parallel/parallel-faults.ts'
import { precisionFaults } from './precision-faults.ts'
import { privacyFaults } from './privacy/privacy-faults.ts'
import { profileFaults } from './profile/profile-options.ts'
import { quantizationFaults } from './quantization/quantization-faults.ts'
import type { RunConfig } from './run-config.ts'
import { unknownKeys } from './unknown-keys.ts'

/** Empty if the run is valid. Recipes run without a type check, so unknown keys are issues too. */
export function runFaults(config: RunConfig): string[] {
  const missing = requiredParts.filter((part) => typeof config[part] !== 'object' || config[part] === null)
  if (missing.length > 0) return missing.map((part) => `${part} is missing`)
  const kind = kindOf(config.model)
  const faults = [...unknownKeys(config), ...kind.configFaults(config.model).map((fault) => `model.${fault}`)]
  const check = (name: string, value: number, sound: boolean, want: string): void => {
    if (!sound) faults.push(`${name} is ${value}; it must be ${want}`)
  }
  const whole = (name: string, value: number, least: number): void =>
    check(name, value, Number.isSafeInteger(value) && value >= least, `a whole number of at least ${least}`)
  const { batch, schedule, optimizer } = config
  if (typeof config.name !== 'string' || !/^[\w.-]+$/.test(config.name))
    faults.push(`name is ${JSON.stringify(config.name)}; use letters, digits, dots, dashes and underscores`)
  if (typeof config.folder !== 'string' || config.folder === '')
    faults.push(
      `folder is ${config.folder === '' ? 'empty' : JSON.stringify(config.folder)}; name a folder for checkpoints and metrics`,
    )
  whole('seed', config.seed, 0)
  whole('batch.windows', batch.windows, 1)
  whole('batch.accumulate', batch.accumulate, 1)
  whole('batch.cacheRows', batch.cacheRows ?? 1, 1)
  faults.push(...scheduleFaults(schedule).map((fault) => `schedule.${fault}`))
  faults.push(...optimizerFaults(optimizer).map((fault) => `optimizer.${fault}`))
  if (config.checkpointing) faults.push(...checkpointingFaults(config.checkpointing))
  if (config.memory) faults.push(...memoryFaults(config.memory))
  if (config.profile) faults.push(...profileFaults(config.profile, config.memory))
  whole('lossChunkTokens', config.lossChunkTokens ?? 0, 0)
  check('clipNorm', config.clipNorm, config.clipNorm > 0, 'above 0')
  whole('evaluate.everySteps', config.evaluate.everySteps, 1)
  whole('checkpoint.everySteps', config.checkpoint.everySteps, 1)
  whole('checkpoint.keep', config.checkpoint.keep, 1)
  whole('checkpoint.best', config.checkpoint.best ?? 0, 0)
  whole('evaluate.patience', config.evaluate.patience ?? 1, 1)
  const { minImprovement = 0 } = config.evaluate
  check('evaluate.minImprovement', minImprovement, minImprovement >= 0, 'at least 0')
  const balance = config.expertBalanceRate
  check('expertBalanceRate', balance, balance >= 0 && balance < Number.POSITIVE_INFINITY, 'at least 0')
  const decay = config.average?.decay ?? 0.5
  check('average.decay', decay, decay > 0 && decay < 1, 'between 0 and 1')
  const { warmup = true } = config.average ?? {}
  if (typeof warmup !== 'boolean') faults.push(`average.warmup is ${warmup}; it must be true or false`)
  faults.push(...parallelFaults(config.parallel ?? {}).map((fault) => `parallel.${fault}`))
  if (config.guard) faults.push(...guardFaults(config.guard).map((fault) => `guard.${fault}`))
  faults.push(...kind.settingFaults(config))
  const shapes = shapeFaults(config)
  if (shapes.length > 0) return [...faults, ...shapes]
  faults.push(...precisionFaults(config), ...quantizationFaults(config))
  faults.push(...objectiveFaults(config))
  if (!kind.objectives.includes(config.objective.kind)) {
    const { title, objectives } = kind
    return [
      ...faults,
      `objective.kind is "${config.objective.kind}"; ${title} learns ${objectives.join(', ')}`,
    ]
  }
  faults.push(...kind.contentFaults(config))
  faults.push(...privacyFaults(config, faults.length === 0))
  // Memory and parallel layout are only checked for an otherwise valid run.
  return faults.length > 0 ? faults : kind.wholeFaults(config)
}

/** Validates the form that later checks depend on. */
function shapeFaults(config: RunConfig): string[] {
  const { objective, data, startFrom } = config
  const faults = objectiveKindFaults(objective)
  for (const part of ['train', 'valid'] as const)
    faults.push(...dataShapeFaults(data[part]).map((fault) => `data.${part} ${fault}`))
  if (startFrom !== undefined) faults.push(...weightsShapeFaults(startFrom))
  for (const name of optionalParts) {
    const value: unknown = config[name]
    if (value !== undefined && (typeof value !== 'object' || value === null))
      faults.push(`${name} is ${JSON.stringify(value)}; it must be an object, {} for the usual values`)
  }
  return faults
}

const optionalParts = [
  'rates',
  'adapter',
  'average',
  'checkpointing',
  'memory',
  'parallel',
  'lossScale',
  'fp8',
  'privacy',
  'profile',
  'quantization',
] as const

const requiredParts = [
  'model',
  'objective',
  'data',
  'batch',
  'schedule',
  'optimizer',
  'evaluate',
  'checkpoint',
] as const
