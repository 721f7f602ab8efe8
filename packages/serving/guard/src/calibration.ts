/**
 * What a score means: the share of benign texts that score lower. A table for each language, made from benign texts that
 * were not trained on, so thresholds are false-positive rates and scores of different layers can be compared. Pure.
 */

import type { Language } from './check.ts'

/** Raw scores below which a share of benign texts lies, as `shares` names them. */
export interface CalibrationTable {
  /** How many benign texts it was made from. */
  readonly count: number
  /** As long as `shares`, never falling. */
  readonly scores: readonly number[]
}

/** `other` stands in for languages without a table. */
export type Calibration = Readonly<Partial<Record<Language, CalibrationTable>>>

/** The knots of a table. */
export const shares = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.998, 0.999, 1] as const

/**
 * Of the raw scores of benign texts, in any order. Throws a `RangeError` for none.
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
 * 0 to below 1. Between knots straight in the logarithm of the share that scores higher; beyond the highest benign score it goes
 * on as it went over the last tenth of them, for no sample knows its own tail.
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
  // Half a text of so many: the highest benign score is not beyond all benign texts.
  const higherAt = (knot: number): number => Math.max(1 - shares[knot]!, 0.5 / count)
  if (score >= scores[top]!) {
    const reach = scores[top]! - scores[4]! || scores[top]! - scores[0]!
    // Where all score alike, nothing is known of how far others may lie.
    if (reach === 0) return 1 - higherAt(top)
    return 1 - higherAt(top) * Math.exp((-2 * (score - scores[top]!)) / reach)
  }
  let knot = 0
  while (score >= scores[knot + 1]!) knot += 1
  const part = (score - scores[knot]!) / (scores[knot + 1]! - scores[knot]!)
  return 1 - higherAt(knot) ** (1 - part) * higherAt(knot + 1) ** part
}

/** What is wrong with something that was read as a calibration; undefined where nothing is. */
export function calibrationFault(given: unknown): string | undefined {
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

/** By language; undefined where nothing was calibrated that could stand in. */
export function tableOf(calibration: Calibration, language: Language): CalibrationTable | undefined {
  return calibration[language] ?? calibration.other
}
