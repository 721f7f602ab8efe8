/**
 * Maps a score to the fraction of benign texts that score lower. Tables per language come from held-out benign texts, so thresholds are
 * false-positive rates and scores of different layers are comparable. Pure.
 */

import type { Language } from './check.ts'

/** Raw scores at the quantiles in `shares`. */
export interface CalibrationTable {
  /** Number of benign texts. */
  readonly count: number
  /** Same length as `shares`, non-decreasing. */
  readonly scores: readonly number[]
}

/** `other` is the fallback for languages without a table. */
export type Calibration = Readonly<Partial<Record<Language, CalibrationTable>>>

/** The table's quantiles. */
export const shares = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.998, 0.999, 1] as const

/**
 * Takes raw scores of benign texts in any order. Throws a `RangeError` if empty.
 *
 * @example
 * ```ts
 * import { calibrate, suspicionOf } from '@hadal/guard'
 *
 * const table = calibrate([0.1, 0.2, 0.3, 0.4]) // scores of benign texts
 * suspicionOf(table, 0.9) > suspicionOf(table, 0.2) // → true
 * ```
 */
export function calibrate(benignScores: readonly number[]): CalibrationTable {
  if (benignScores.length === 0) throw new RangeError('a calibration needs at least one benign score')
  const sorted = benignScores.toSorted((a, b) => a - b)
  const last = sorted.length - 1
  const scores = shares.map((share) => {
    const at = share * last
    const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
    return below + (above - below) * (at - Math.floor(at))
  })
  return { count: benignScores.length, scores }
}

/**
 * In [0, 1). Between knots, interpolates the logarithm of the fraction that scores higher; beyond the highest benign score it extrapolates
 * the slope of the last tenth, because a sample does not contain its own tail.
 *
 * @example
 * ```ts
 * import { calibrate, suspicionOf } from '@hadal/guard'
 *
 * const table = calibrate([0.1, 0.2, 0.3, 0.4]) // scores of benign texts
 * suspicionOf(table, 0.35) // → 0.8299012499782028
 * ```
 */
export function suspicionOf({ scores, count }: CalibrationTable, score: number): number {
  const top = scores.length - 1
  if (!(score > scores[0]!)) return 0
  // Half a text out of `count`: the highest benign score is not beyond all benign texts.
  const higherAt = (knot: number): number => Math.max(1 - shares[knot]!, 0.5 / count)
  if (score >= scores[top]!) {
    const reach = scores[top]! - scores[4]! || scores[top]! - scores[0]!
    // With identical scores there is no slope to extrapolate.
    if (reach === 0) return 1 - higherAt(top)
    return 1 - higherAt(top) * Math.exp((-2 * (score - scores[top]!)) / reach)
  }
  let knot = 0
  while (score >= scores[knot + 1]!) knot += 1
  const part = (score - scores[knot]!) / (scores[knot + 1]! - scores[knot]!)
  return 1 - higherAt(knot) ** (1 - part) * higherAt(knot + 1) ** part
}

/** Validates data read as a calibration; undefined if it is valid. */
export function calibrationIssue(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'it is no object'
  for (const [language, table] of Object.entries(given)) {
    const { count, scores } = (table ?? {}) as Partial<CalibrationTable>
    if (!(Number(count) >= 1)) return `${language} says of no count of texts`
    if (!Array.isArray(scores) || scores.length !== shares.length)
      return `${language} has not ${shares.length} scores`
    if (!scores.every((score, at) => Number.isFinite(score) && score >= (scores[at - 1] ?? score)))
      return `the scores of ${language} are no numbers that rise`
  }
  return undefined
}

/**
 * By language; undefined without a table or fallback.
 *
 * @internal
 */
export function tableOf(calibration: Calibration, language: Language): CalibrationTable | undefined {
  return calibration[language] ?? calibration.other
}
