/** Validates the choice of an optimizer; each issue is a sentence that includes the value. */

import type { AdafactorOptions } from './adafactor.ts'
import type { AdamWOptions } from './adamw.ts'
import type { AdamW8bitOptions } from './adamw-8bit.ts'
import type { LionOptions } from './lion.ts'
import type { OptimizerChoice, OptimizerKind } from './make-optimizer.ts'
import type { MuonOptions } from './muon.ts'
import type { SgdOptions } from './sgd.ts'

interface Rule {
  readonly want: string
  readonly sound: (value: unknown) => boolean
}

type Rules<Options> = Readonly<Record<keyof Options, Rule>>

const number = (want: string, sound: (value: number) => boolean): Rule => ({
  want,
  sound: (value) => typeof value === 'number' && Number.isFinite(value) && sound(value),
})

const share = number('from 0 to below 1', (value) => value >= 0 && value < 1)
const positive = number('above 0', (value) => value > 0)
const atLeastZero = number('at least 0', (value) => value >= 0)
const flag: Rule = { want: 'true or false', sound: (value) => typeof value === 'boolean' }
const whole = (least: number): Rule =>
  number(`a whole number of at least ${least}`, (value) => Number.isSafeInteger(value) && value >= least)

const adamW: Rules<AdamWOptions> = {
  beta1: share,
  beta2: share,
  eps: positive,
  weightDecay: atLeastZero,
}
const adamW8bit: Rules<AdamW8bitOptions> = { ...adamW, leastValues: whole(0) }
const sgd: Rules<SgdOptions> = { momentum: share, nesterov: flag, weightDecay: atLeastZero }
const lion: Rules<LionOptions> = { beta1: share, beta2: share, weightDecay: atLeastZero }
const adafactor: Rules<AdafactorOptions> = {
  beta2Decay: number('at most 0', (value) => value <= 0),
  eps: positive,
  clipThreshold: number('at least 1', (value) => value >= 1),
  relativeStep: flag,
  leastScale: atLeastZero,
  weightDecay: atLeastZero,
}
const muon: Rules<MuonOptions> = {
  momentum: share,
  nesterov: flag,
  iterations: whole(1),
  weightDecay: atLeastZero,
  exclude: {
    want: 'a list of parts of names',
    sound: (value) => Array.isArray(value) && value.every((part) => typeof part === 'string' && part !== ''),
  },
  adamW: { want: 'an object', sound: (value) => typeof value === 'object' && value !== null },
}

const rulesOf: Readonly<Record<OptimizerKind, Readonly<Record<string, Rule>>>> = {
  adamw: adamW,
  'adamw-8bit': adamW8bit,
  sgd,
  lion,
  adafactor,
  muon,
}

/**
 * Empty if the choice is valid. Recipes run without a type check, so unknown kinds and keys are issues too.
 *
 * @internal
 */
export function optimizerIssues(choice: OptimizerChoice): string[] {
  const { kind = 'adamw', ...options } = choice
  if (!Object.hasOwn(rulesOf, kind))
    return [`kind is ${JSON.stringify(kind)}; it must be one of ${Object.keys(rulesOf).join(', ')}`]
  const issues = compare('', options, rulesOf[kind])
  if (choice.kind === 'muon' && adamWOf(choice))
    issues.push(...compare('adamW.', adamWOf(choice)!, adamW, true))
  return issues
}

const adamWOf = ({ adamW }: Partial<MuonOptions>): object | undefined =>
  typeof adamW === 'object' && adamW !== null ? adamW : undefined

function compare(
  prefix: string,
  options: object,
  rules: Readonly<Record<string, Rule>>,
  complete = false,
): string[] {
  const issues: string[] = []
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (!rule) issues.push(`${prefix}${key} is unknown; use one of ${Object.keys(rules).join(', ')}`)
    else if (!rule.sound(value)) issues.push(`${prefix}${key} is ${shown(value)}; it must be ${rule.want}`)
  }
  if (complete)
    for (const key of Object.keys(rules))
      if (!Object.hasOwn(options, key)) issues.push(`${prefix}${key} is missing`)
  return issues
}

const shown = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value))
