/** Merges command-line settings over a recipe's run. Pure. */

import type { RunSettings } from '@hadal/config'
import { kindOf } from './kinds/kind-of.ts'
import type { Objective } from './objective.ts'
import type { Run, RunOptions } from './run.ts'
import { runDefaults } from './run-defaults.ts'

/** Command-line settings by their path in the run: `{ 'schedule.peak': 1e-3 }`. */
export type SaidSettings = Partial<RunSettings>

export interface OverriddenRun {
  readonly options: RunOptions
  /** Settings that do not apply to this run. */
  readonly issues: readonly string[]
}

/**
 * `threads` is none of the run's.
 *
 * @internal
 */
export function overrideRun(recipe: RunOptions | Run, said: SaidSettings): OverriddenRun {
  const options: Record<string, unknown> = { ...recipe }
  const { 'schedule.kind': schedule, 'optimizer.kind': optimizer } = said
  if (schedule !== undefined && schedule !== (recipe.schedule?.kind ?? 'cosine')) {
    const { peak, warmupSteps, totalSteps, ...rest } = recipe.schedule ?? {}
    const floor = schedule !== 'inverse-sqrt' &&
      'floorFraction' in rest && { floorFraction: rest.floorFraction }
    options.schedule = { peak, warmupSteps, totalSteps, ...floor }
  }
  if (optimizer !== undefined && optimizer !== (recipe.optimizer?.kind ?? 'adamw')) options.optimizer = {}
  if (said.precision !== undefined && said.precision !== (recipe.precision ?? runDefaults.precision)) {
    delete options.lossScale
    delete options.fp8
  }
  if (
    !recipe.privacy &&
    Object.entries(said).some(([key, value]) => key.startsWith('privacy.') && value !== undefined)
  ) {
    // Drops recipe settings that private runs do not support; the recipe may be a complete run already.
    for (const key of ['guard', 'expertBalanceRate', 'lossChunkTokens']) delete options[key]
  }
  const isSaid = (key: string): boolean => said[key as keyof SaidSettings] !== undefined
  for (const [key, others] of Object.entries(insteadOf)) {
    const [part] = key.split('.') as [keyof RunOptions]
    if (isSaid(key) && options[part]) options[part] = without(options[part], others)
  }
  for (const [key, value] of Object.entries(said)) {
    if (value === undefined || key === 'threads') continue
    const [part, field] = key.split('.') as [keyof RunOptions, string?]
    const before = options[part] ?? (runDefaults as Partial<RunOptions>)[part]
    options[part] = field === undefined ? value : { ...(before as object | undefined), [field]: value }
  }
  const { kind } = recipe.objective ?? kindOf(recipe.model).usualObjective(recipe.model)
  return { options: options as unknown as RunOptions, issues: strangers(kind, said) }
}

/** Recipe settings that a command-line setting replaces because they are mutually exclusive. */
const insteadOf: Readonly<Partial<Record<keyof RunSettings, readonly string[]>>> = {
  'checkpointing.every': ['memoryTarget'],
  'checkpointing.memoryTarget': ['every'],
  'rates.bottom': ['decay'],
  'rates.decay': ['bottom', 'shape'],
}

const without = (part: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(part).filter(([name]) => !names.includes(name)))

const objectiveFields: Readonly<Record<Objective['kind'], readonly string[]>> = {
  tokens: ['labelSmoothing', 'zLoss'],
  dpo: ['beta', 'labelSmoothing'],
  ipo: ['beta'],
  reward: [],
  classes: ['labelSmoothing'],
  contrastive: ['textWeight', 'imageWeight', 'captionsPerImage', 'maxLogitScale'],
}

/** Settings unknown to the objective. Schedules and optimizers check their own. */
function strangers(kind: Objective['kind'], said: SaidSettings): string[] {
  return Object.entries(said).flatMap(([key, value]) => {
    const [part, field] = key.split('.')
    const isKnown = part !== 'objective' || (objectiveFields[kind] ?? []).includes(field!)
    return value === undefined || isKnown ? [] : [`${key} is ${value}; the objective ${kind} has none`]
  })
}
