/** What is wrong with a run's configuration, every fault as a sentence that names the value. */

import { nearest } from '@hadal/config'
import { countTargets, decoderConfigFaults, optimizerFaults, scheduleFaults } from '@hadal/nn'
import type { RunConfig } from './run.ts'

/** Empty when the run is sound. Recipes run without a type check, so unknown keys are faults too. */
export function runFaults(config: RunConfig): string[] {
  const missing = requiredParts.filter((part) => typeof config[part] !== 'object' || config[part] === null)
  if (missing.length > 0) return missing.map((part) => `${part} is missing`)
  const faults = [
    ...unknownKeys(config),
    ...decoderConfigFaults(config.model).map((fault) => `model.${fault}`),
  ]
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
  faults.push(...scheduleFaults(schedule).map((fault) => `schedule.${fault}`))
  faults.push(...optimizerFaults(optimizer).map((fault) => `optimizer.${fault}`))
  if (optimizer.kind === 'adamw-8bit')
    faults.push('optimizer.kind is adamw-8bit, whose moments a checkpoint does not hold yet; choose another')
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

const requiredParts = ['model', 'data', 'batch', 'schedule', 'optimizer', 'evaluate', 'checkpoint'] as const

const runKeys: Readonly<Record<keyof RunConfig, true>> = {
  name: true,
  folder: true,
  seed: true,
  model: true,
  startFrom: true,
  precision: true,
  data: true,
  batch: true,
  schedule: true,
  optimizer: true,
  clipNorm: true,
  evaluate: true,
  checkpoint: true,
}

/** Schedule and optimizer know their own. */
type Part = 'batch' | 'evaluate' | 'checkpoint'

const partKeys: { readonly [P in Part]: Readonly<Record<keyof RunConfig[P], true>> } = {
  batch: { windows: true, accumulate: true },
  evaluate: { everySteps: true },
  checkpoint: { everySteps: true, keep: true },
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
  return faults
}
