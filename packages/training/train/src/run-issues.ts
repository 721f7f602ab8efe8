/** Validates a run's configuration; each issue is a sentence that includes the value. */

import { optimizerIssues, scheduleIssues } from '@hadal/nn'
import { checkpointingIssues } from './checkpointing/checkpointing.ts'
import { dataShapeIssues, weightsShapeIssues } from './data-shape.ts'
import { guardIssues } from './guard-issues.ts'
import { kindOf } from './kinds/kind-of.ts'
import { memoryIssues } from './memory/memory-options.ts'
import { objectiveIssues, objectiveKindIssues } from './objective-issues.ts'
import { parallelIssues } from './parallel/parallel-issues.ts'
import { precisionIssues } from './precision-issues.ts'
import { privacyIssues } from './privacy/privacy-issues.ts'
import { profileIssues } from './profile/profile-options.ts'
import { quantizationIssues } from './quantization/quantization-issues.ts'
import type { RunConfig } from './run-config.ts'
import { unknownKeys } from './unknown-keys.ts'

/** Empty if the run is valid. Recipes run without a type check, so unknown keys are issues too. */
export function runIssues(config: RunConfig): string[] {
  const missing = requiredParts.filter((part) => typeof config[part] !== 'object' || config[part] === null)
  if (missing.length > 0) return missing.map((part) => `${part} is missing`)
  const kind = kindOf(config.model)
  const issues = [...unknownKeys(config), ...kind.configIssues(config.model).map((issue) => `model.${issue}`)]
  const check = (name: string, value: number, sound: boolean, want: string): void => {
    if (!sound) issues.push(`${name} is ${value}; it must be ${want}`)
  }
  const whole = (name: string, value: number, least: number): void =>
    check(name, value, Number.isSafeInteger(value) && value >= least, `a whole number of at least ${least}`)
  const { batch, schedule, optimizer } = config
  if (typeof config.name !== 'string' || !/^[\w.-]+$/.test(config.name))
    issues.push(`name is ${JSON.stringify(config.name)}; use letters, digits, dots, dashes and underscores`)
  if (typeof config.folder !== 'string' || config.folder === '')
    issues.push(
      `folder is ${config.folder === '' ? 'empty' : JSON.stringify(config.folder)}; name a folder for checkpoints and metrics`,
    )
  whole('seed', config.seed, 0)
  whole('batch.windows', batch.windows, 1)
  whole('batch.accumulate', batch.accumulate, 1)
  whole('batch.cacheRows', batch.cacheRows ?? 1, 1)
  issues.push(...scheduleIssues(schedule).map((issue) => `schedule.${issue}`))
  issues.push(...optimizerIssues(optimizer).map((issue) => `optimizer.${issue}`))
  if (config.checkpointing) issues.push(...checkpointingIssues(config.checkpointing))
  if (config.memory) issues.push(...memoryIssues(config.memory))
  if (config.profile) issues.push(...profileIssues(config.profile, config.memory))
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
  if (typeof warmup !== 'boolean') issues.push(`average.warmup is ${warmup}; it must be true or false`)
  issues.push(...parallelIssues(config.parallel ?? {}).map((issue) => `parallel.${issue}`))
  if (config.guard) issues.push(...guardIssues(config.guard).map((issue) => `guard.${issue}`))
  issues.push(...kind.settingIssues(config))
  const shapes = shapeIssues(config)
  if (shapes.length > 0) return [...issues, ...shapes]
  issues.push(...precisionIssues(config), ...quantizationIssues(config))
  issues.push(...objectiveIssues(config))
  if (!kind.objectives.includes(config.objective.kind)) {
    const { title, objectives } = kind
    return [
      ...issues,
      `objective.kind is "${config.objective.kind}"; ${title} learns ${objectives.join(', ')}`,
    ]
  }
  issues.push(...kind.contentIssues(config))
  issues.push(...privacyIssues(config, issues.length === 0))
  // Memory and parallel layout are only checked for an otherwise valid run.
  return issues.length > 0 ? issues : kind.wholeIssues(config)
}

/** Validates the form that later checks depend on. */
function shapeIssues(config: RunConfig): string[] {
  const { objective, data, startFrom } = config
  const issues = objectiveKindIssues(objective)
  for (const part of ['train', 'valid'] as const)
    issues.push(...dataShapeIssues(data[part]).map((issue) => `data.${part} ${issue}`))
  if (startFrom !== undefined) issues.push(...weightsShapeIssues(startFrom))
  for (const name of optionalParts) {
    const value: unknown = config[name]
    if (value !== undefined && (typeof value !== 'object' || value === null))
      issues.push(`${name} is ${JSON.stringify(value)}; it must be an object, {} for the usual values`)
  }
  return issues
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
