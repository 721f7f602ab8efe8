/** Converts a policy for one role to steps, cheapest first. Pure. */

import { type Action, actions, type Check, type Layer, type Role, type Step } from '../check.ts'
import {
  type ActionOrOff,
  type CheckName,
  type CheckPolicy,
  checkNames,
  isScored,
  type PatternPolicy,
  type RolePolicy,
  type ScoredCheck,
} from '../policy/policy.ts'
import { rateShares } from '../policy/presets.ts'
import type { PlannedStep } from './screen-text.ts'

/** Factories of the checks a policy names. */
export interface CheckMakers {
  limits(limits: { readonly maxCharacters: number; readonly maxTokens?: number }): Check
  controlCharacters(): Check
  chatMarkup(): Check
  attackPhrases(): Check
  patterns(patterns: readonly PatternPolicy[]): Check
  /** All kinds if none are named. */
  secrets(kinds: readonly string[] | undefined): Check
  personalData(kinds: readonly string[] | undefined): Check
  classifier(falsePositiveRate: number): Check
  similarity(threshold: { readonly falsePositiveRate: number } | { readonly cosine: number }): Check
  perplexity(falsePositiveRate: number): Check
  /** Applies the policy's smoothing. */
  smoothed(check: Check, smoothing: RolePolicy['smoothing'] & object): Check
}

/** `own`: custom checks, run last. */
export function planSteps(
  policy: RolePolicy,
  role: Role,
  makers: CheckMakers,
  own: readonly Step[] = [],
): readonly PlannedStep[] {
  const { checks, output } = policy
  const steps = checkNames.flatMap((name) => {
    const { action, roles } = checks[name]
    if (roles !== undefined && !roles.includes(role)) return []
    if (name === 'patterns') return patternSteps(policy, action, makers)
    return action === 'off' ? [] : [builtIn(name, action, policy, makers)]
  })
  if (role === 'assistant') {
    const { secrets, personalData } = checks
    if (output.secrets !== 'off')
      steps.push(step('outputSecrets', 'output', makers.secrets(secrets.kinds), output.secrets))
    if (output.personalData !== 'off')
      steps.push(
        step('outputPersonalData', 'output', makers.personalData(personalData.kinds), output.personalData),
      )
  }
  return [...steps, ...own.filter(({ roles }) => roles === undefined || roles.includes(role))]
}

function step(name: string, layer: Layer, check: Check, action: Action): PlannedStep {
  return { name, layer, check, action }
}

function builtIn(
  name: Exclude<CheckName, 'patterns'>,
  action: Action,
  policy: RolePolicy,
  makers: CheckMakers,
): PlannedStep {
  if (isScored(name)) return scored(name, action, policy, makers)
  const { checks, maxCharacters, maxTokens } = policy
  switch (name) {
    case 'limits': {
      const limits = { maxCharacters, ...(maxTokens !== false && { maxTokens }) }
      return step(name, 'rules', makers.limits(limits), action)
    }
    case 'secrets':
    case 'personalData':
      return step(name, 'rules', makers[name](checks[name].kinds), action)
    default:
      return step(name, 'rules', makers[name](), action)
  }
}

function scored(name: ScoredCheck, action: Action, policy: RolePolicy, makers: CheckMakers): PlannedStep {
  const { cosine } = policy.checks[name]
  const falsePositiveRate = rateOf(name, policy.checks[name], policy)
  const isFlat = name === 'similarity' && cosine !== undefined
  const check =
    name === 'similarity'
      ? makers.similarity(isFlat ? { cosine } : { falsePositiveRate })
      : makers[name](falsePositiveRate)
  return {
    name,
    layer: name,
    check: policy.smoothing === false ? check : makers.smoothed(check, policy.smoothing),
    action,
    ...(!isFlat && { falsePositiveRate }),
  }
}

/** Its own rate or its share of the policy's. */
function rateOf(name: ScoredCheck, check: CheckPolicy, policy: RolePolicy): number {
  return check.falsePositiveRate ?? policy.falsePositiveRate * rateShares[name]
}

/** One step per action of the patterns: `patterns`, and for example `patterns.flag`. */
function patternSteps(policy: RolePolicy, usual: ActionOrOff, makers: CheckMakers): PlannedStep[] {
  return actions.flatMap((action) => {
    const patterns = policy.patterns.filter((pattern) => (pattern.action ?? usual) === action)
    if (patterns.length === 0) return []
    const name = action === usual ? 'patterns' : `patterns.${action}`
    return [step(name, 'rules', makers.patterns(patterns), action)]
  })
}
