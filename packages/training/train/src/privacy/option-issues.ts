/** Validates privacy options on their own and against rows and steps. */

import { isHadalError } from '@hadal/base'
import { addSteps, noiseMultiplierFor } from '@hadal/privacy'
import { epsilonSpent, stepsLeft } from './budget.ts'
import {
  type PrivacyOptions,
  type PrivacyPlan,
  type PrivateWork,
  planPrivacy,
  privacyDefaults,
} from './privacy-options.ts'

/** Returns every issue as a sentence that begins with the key. */
export function optionIssues(given: Partial<PrivacyOptions>): string[] {
  const { epsilon, delta, noiseMultiplier, mode } = given
  const { clipNorm, clipping, accountant, secure, replaceLayers, spent } = { ...privacyDefaults, ...given }
  const issues: string[] = []
  const check = (key: keyof PrivacyOptions, sound: boolean, want: string): void => {
    if (!sound) issues.push(`${key} is ${JSON.stringify(given[key])}; it must be ${want}`)
  }
  const isPositive = (value: unknown): boolean =>
    typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY
  if (epsilon === undefined && noiseMultiplier === undefined)
    issues.push('epsilon and noiseMultiplier are both missing; set one of them')
  if (epsilon !== undefined) check('epsilon', isPositive(epsilon), 'above 0, and finite')
  if (delta !== undefined) check('delta', isPositive(delta) && delta < 1, 'between 0 and 1')
  if (noiseMultiplier !== undefined)
    check('noiseMultiplier', isPositive(noiseMultiplier), 'above 0, and finite')
  check('clipNorm', isPositive(clipNorm), 'above 0, and finite')
  check('clipping', clippings.has(clipping), oneOf(clippings))
  if (mode !== undefined) check('mode', modes.has(mode), oneOf(modes))
  check('accountant', accountants.has(accountant), oneOf(accountants))
  check('secure', typeof secure === 'boolean', 'true or false')
  check('replaceLayers', typeof replaceLayers === 'boolean', 'true or false')
  if (!isLedger(spent))
    issues.push('spent must be a list of { noiseMultiplier, sampleRate, steps }, as in checkpoints')
  return issues
}

/** Takes valid options. Returns every issue as a sentence. */
export function budgetIssues(given: Partial<PrivacyOptions>, work: PrivateWork, names: WorkNames): string[] {
  const { rows, expectedRows, steps } = work
  if (rows === 0) return ['there are no rows to train on']
  if (expectedRows > rows)
    return [
      `${names.expectedRows} is ${expectedRows} rows a step of ${rows}: a sample rate of ${short(expectedRows / rows)}; it must be at most 1`,
    ]
  let plan: PrivacyPlan
  try {
    plan = planPrivacy(given, work)
  } catch (thrown) {
    if (!isHadalError(thrown)) throw thrown
    return [`privacy.epsilon cannot be kept: ${thrown.message}`]
  }
  const { epsilon, delta, sampleRate, noiseMultiplier, accountant, spent } = plan
  // A noise that was found for these steps pays for them.
  if (epsilon === undefined || plan.isDerived) return []
  const requested = epsilonSpent(addSteps(spent, { noiseMultiplier, sampleRate, steps }), plan)
  if (requested <= epsilon) return []
  const paid = stepsLeft(plan)
  const others = [
    ...(paid > 0 ? [`ask for ${paid} steps`] : []),
    ...noiseInstead(plan),
    `allow epsilon ${short(requested, Math.ceil)}`,
  ]
  return [
    `${names.steps} is ${steps}; at noise ${short(noiseMultiplier)}, sample rate ${short(sampleRate)} and delta ${short(delta)}, epsilon ${epsilon} pays for ${paid} steps (${accountant}): ${others.join(', or ')}`,
  ]
}

/** Names of the numbers in messages. */
export interface WorkNames {
  readonly expectedRows: string
  readonly steps: string
}

function noiseInstead({ epsilon, delta, sampleRate, steps, accountant, spent }: PrivacyPlan): string[] {
  try {
    const noise = noiseMultiplierFor({ epsilon: epsilon!, delta, sampleRate, steps, accountant, spent })
    return [`a noiseMultiplier of ${short(noise, Math.ceil)}`]
  } catch (thrown) {
    if (!isHadalError(thrown)) throw thrown
    return []
  }
}

/** Four digits, up where a number that is lower would not do. */
function short(value: number, round: (value: number) => number = Math.round): string {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3)
  return String(Number((round(value / unit) * unit).toPrecision(4)))
}

const clippings: ReadonlySet<unknown> = new Set(['flat', 'per-layer', 'automatic'])
const modes: ReadonlySet<unknown> = new Set(['book-keeping', 'ghost', 'exact'])
const accountants: ReadonlySet<unknown> = new Set(['prv', 'rdp', 'gdp'])

const oneOf = (values: ReadonlySet<unknown>): string => `one of ${[...values].join(', ')}`

function isLedger(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  return value.every(
    (entry: Record<string, unknown> | null) =>
      typeof entry === 'object' &&
      entry !== null &&
      Number(entry.noiseMultiplier) > 0 &&
      Number(entry.noiseMultiplier) < Number.POSITIVE_INFINITY &&
      Number(entry.sampleRate) >= 0 &&
      Number(entry.sampleRate) <= 1 &&
      Number.isSafeInteger(entry.steps) &&
      Number(entry.steps) >= 0,
  )
}
