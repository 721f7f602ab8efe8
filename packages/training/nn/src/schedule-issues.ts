/** Validates a schedule, every issue as a sentence that includes the value. */

import type { Schedule } from './schedule.ts'

const keysOf = {
  cosine: ['floorFraction'],
  linear: ['floorFraction'],
  wsd: ['floorFraction', 'decaySteps', 'decayShape'],
  'inverse-sqrt': ['timescale'],
} as const

/**
 * Empty when the schedule is sound. Recipes run without a type check, so unknown kinds and keys are issues too.
 *
 * @internal
 */
export function scheduleIssues(schedule: Schedule): string[] {
  const kind = schedule.kind ?? 'cosine'
  if (!Object.hasOwn(keysOf, kind))
    return [`kind is ${JSON.stringify(kind)}; it must be one of ${Object.keys(keysOf).join(', ')}`]
  const issues: string[] = []
  const known: readonly string[] = ['kind', 'peak', 'warmupSteps', 'totalSteps', ...keysOf[kind]]
  for (const key of Object.keys(schedule))
    if (!known.includes(key)) issues.push(`${key} is unknown to ${kind}; there are ${known.join(', ')}`)
  const check = (name: string, value: unknown, sound: boolean, want: string): void => {
    if (!sound) issues.push(`${name} is ${value}; it must be ${want}`)
  }
  const whole = (name: string, value: number, least: number): void =>
    check(name, value, Number.isSafeInteger(value) && value >= least, `a whole number of at least ${least}`)
  const { peak, warmupSteps, totalSteps } = schedule
  whole('totalSteps', totalSteps, 1)
  whole('warmupSteps', warmupSteps, 0)
  check('warmupSteps', warmupSteps, !(warmupSteps > totalSteps), 'at most totalSteps')
  check('peak', peak, peak > 0 && Number.isFinite(peak), 'above 0')
  if (schedule.kind === 'inverse-sqrt') {
    const { timescale = 1 } = schedule
    check('timescale', timescale, timescale > 0, 'above 0')
  } else {
    const { floorFraction } = schedule
    check('floorFraction', floorFraction, floorFraction >= 0 && floorFraction <= 1, 'from 0 to 1')
  }
  if (schedule.kind === 'wsd') {
    const { decaySteps, decayShape = 'linear' } = schedule
    whole('decaySteps', decaySteps, 1)
    const room = totalSteps - warmupSteps
    check('decaySteps', decaySteps, !(decaySteps > room), `at most totalSteps - warmupSteps (${room})`)
    check('decayShape', decayShape, ['linear', '1-sqrt'].includes(decayShape), 'linear or 1-sqrt')
  }
  return issues
}
