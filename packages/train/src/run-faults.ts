/** What is wrong with a run's configuration, every fault as a sentence that names the value. */

import { nearest } from '@hadal/config'
import { modelConfigFaults, optimizerFaults, scheduleFaults } from '@hadal/nn'
import { adapterFaults } from './adapter-faults.ts'
import { dataFaults } from './data-faults.ts'
import { guardDefaults } from './divergence-guard.ts'
import { guardFaults } from './guard-faults.ts'
import type { RunConfig } from './run.ts'

/** Empty when the run is sound. Recipes run without a type check, so unknown keys are faults too. */
export function runFaults(config: RunConfig): string[] {
  const missing = requiredParts.filter((part) => typeof config[part] !== 'object' || config[part] === null)
  if (missing.length > 0) return missing.map((part) => `${part} is missing`)
  const faults = [...unknownKeys(config), ...modelConfigFaults(config.model).map((fault) => `model.${fault}`)]
  const check = (name: string, value: number, sound: boolean, want: string): void => {
    if (!sound) faults.push(`${name} is ${value}; it must be ${want}`)
  }
  const whole = (name: string, value: number, least: number): void =>
    check(name, value, Number.isSafeInteger(value) && value >= least, `a whole number of at least ${least}`)
  const { batch, schedule, optimizer, data, model, objective } = config
  if (!/^[\w.-]+$/.test(config.name))
    faults.push(`name is ${JSON.stringify(config.name)}; use letters, digits, dots, dashes and underscores`)
  if (config.folder === '') faults.push('folder is empty; name a folder for checkpoints and metrics')
  if (config.precision !== 'fp32' && config.precision !== 'bf16')
    faults.push(`precision is ${JSON.stringify(config.precision)}; it must be "fp32" or "bf16"`)
  whole('seed', config.seed, 0)
  whole('batch.windows', batch.windows, 1)
  whole('batch.accumulate', batch.accumulate, 1)
  faults.push(...scheduleFaults(schedule).map((fault) => `schedule.${fault}`))
  faults.push(...optimizerFaults(optimizer).map((fault) => `optimizer.${fault}`))
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
  if (config.guard) faults.push(...guardFaults(config.guard).map((fault) => `guard.${fault}`))
  faults.push(...objectiveFaults(config), ...adapterFaults(config), ...dataFaults(data, objective, model))
  return faults
}

/** Between an objective and the rest of the run; the form of its data is checked with the data. */
function objectiveFaults({ objective, startFrom }: RunConfig): string[] {
  const faults: string[] = []
  const { kind } = objective
  const smoothing = 'labelSmoothing' in objective ? (objective.labelSmoothing ?? 0) : 0
  const most = kind === 'dpo' ? 0.5 : kind === 'ipo' ? Number.MIN_VALUE : 1
  if (!(smoothing >= 0 && smoothing < most))
    faults.push(
      `objective.labelSmoothing is ${smoothing}; it must be ${kind === 'ipo' ? '0 for ipo' : `from 0 to below ${most}`}`,
    )
  if (kind === 'tokens' && !((objective.zLoss ?? 0) >= 0))
    faults.push(`objective.zLoss is ${objective.zLoss}; it must be at least 0`)
  if ((kind === 'dpo' || kind === 'ipo') && !((objective.beta ?? 0.1) > 0))
    faults.push(`objective.beta is ${objective.beta}; it must be above 0`)
  if ((kind === 'dpo' || kind === 'ipo') && startFrom === undefined)
    faults.push(`objective ${kind} compares with the weights of the start; startFrom must name some`)
  if (kind === 'classes') {
    const { classes, classWeights } = objective
    if (!(Number.isSafeInteger(classes) && classes >= 2))
      faults.push(`objective.classes is ${classes}; it must be a whole number of at least 2`)
    else if (classWeights && classWeights.length !== classes)
      faults.push(`objective.classWeights has ${classWeights.length} weights for ${classes} classes`)
  }
  return faults
}

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

const runKeys: Readonly<Record<keyof RunConfig, true>> = {
  name: true,
  folder: true,
  seed: true,
  model: true,
  startFrom: true,
  adapter: true,
  precision: true,
  objective: true,
  data: true,
  batch: true,
  schedule: true,
  optimizer: true,
  clipNorm: true,
  average: true,
  guard: true,
  expertBalanceRate: true,
  evaluate: true,
  checkpoint: true,
}

/** Schedule and optimizer know their own. */
type Part = 'batch' | 'evaluate' | 'checkpoint'

const partKeys: { readonly [P in Part]: Readonly<Record<keyof RunConfig[P], true>> } = {
  batch: { windows: true, accumulate: true },
  evaluate: { everySteps: true, patience: true, minImprovement: true, samples: true },
  checkpoint: { everySteps: true, keep: true, best: true },
}

function unknownKeys(config: RunConfig): string[] {
  const faults: string[] = []
  const compare = (prefix: string, value: object, known: object): void => {
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(known, key)) continue
      const guess = nearest(key, Object.keys(known))
      faults.push(`${prefix}${key} is unknown${guess === undefined ? '' : `; did you mean ${guess}?`}`)
    }
  }
  compare('', config, runKeys)
  for (const part of Object.keys(partKeys) as Part[]) compare(`${part}.`, config[part], partKeys[part])
  if (config.guard) compare('guard.', config.guard, guardDefaults)
  return faults
}
