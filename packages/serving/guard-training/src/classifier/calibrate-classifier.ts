/** Calibrates a classifier on benign texts: how scores grow with length by chance, and the distribution of the rest. */

import { quantile } from '@hadal/base'
import {
  type Calibration,
  type CalibrationTable,
  type Classifier,
  calibrate,
  type LabelledText,
  type Language,
  type PerDoubling,
} from '@hadal/guard'
import { guardTooFewTexts } from './errors.ts'

export interface LanguageScore {
  readonly language: Language
  readonly score: number
}

/** Score of one benign text. */
export interface BenignScore extends LanguageScore {
  readonly windows: number
}

const minTexts = 20

/**
 * From benign texts not trained on: `hadal guard eval --thresholds-from`. Throws `guard_too_few_texts`.
 *
 * @example
 * ```ts
 * import { classifierCheck, loadClassifier, ownTexts } from '@hadal/guard'
 * import { calibrateClassifier } from '@hadal/guard-training'
 *
 * const benign = (await ownTexts()).filter(({ isAttack }) => !isAttack)
 * const calibration = calibrateClassifier(loadClassifier(), benign)
 * const check = classifierCheck(loadClassifier(), { falsePositiveRate: 0.01, calibration })
 * ```
 */
export function calibrateClassifier(classifier: Classifier, benign: readonly LabelledText[]): Calibration {
  return calibrationOf('benign texts', benignScores(classifier, benign))
}

/**
 * Like `calibrateClassifier`, for perplexity.
 *
 * @example
 * ```ts
 * import { loadClassifier, ownTexts, perplexityCheck } from '@hadal/guard'
 * import { calibratePerplexity } from '@hadal/guard-training'
 *
 * const benign = (await ownTexts()).filter(({ isAttack }) => !isAttack)
 * const calibration = calibratePerplexity(loadClassifier(), benign)
 * const check = perplexityCheck(loadClassifier(), { falsePositiveRate: 0.01, calibration })
 * ```
 */
export function calibratePerplexity(classifier: Classifier, benign: readonly LabelledText[]): Calibration {
  return calibrationOf('benign texts', benignSurprises(classifier, benign))
}

export function benignScores(classifier: Classifier, benign: readonly LabelledText[]): LanguageScore[] {
  return benign.map(({ text, language }) => ({ language, score: classifier.score(text, language).score }))
}

/** Texts that are too short count as unsurprising. */
export function benignSurprises(classifier: Classifier, benign: readonly LabelledText[]): LanguageScore[] {
  return benign.map(({ text, language }) => ({
    language,
    score: classifier.surprise(text, language)?.score ?? 0,
  }))
}

/** Languages with fewer than 20 texts are omitted. Throws `guard_too_few_texts` if none are left. */
export function calibrationOf(what: string, scores: readonly LanguageScore[]): Calibration {
  const tables: Partial<Record<Language, CalibrationTable>> = {}
  let most = 0
  for (const language of ['en', 'zh', 'other'] as const) {
    const own = scores.flatMap((each) => (each.language === language ? [each.score] : []))
    most = Math.max(most, own.length)
    if (own.length >= minTexts) tables[language] = calibrate(own)
  }
  if (Object.keys(tables).length === 0) throw guardTooFewTexts(`${what} of one language`, most, minTexts)
  return tables
}

/** Quantile of benign scores to fit. */
const high = 0.95

/**
 * Increase of the 95 % quantile of benign scores per doubling of the window count: a line fitted through the quantiles of texts with 1, 2
 * to 3, 4 to 7, ... windows, weighted by the square root of the number of texts. Never negative.
 */
export function perDoublingOf(scores: readonly BenignScore[]): PerDoubling {
  const slopes: Partial<Record<Language, number>> = {}
  for (const language of ['en', 'zh', 'other'] as const) {
    const groups = new Map<number, number[]>()
    for (const each of scores) {
      if (each.language !== language) continue
      const doublings = Math.floor(Math.log2(Math.max(1, each.windows)))
      const group = groups.get(doublings)
      if (group === undefined) groups.set(doublings, [each.score])
      else group.push(each.score)
    }
    const points = [...groups].flatMap(([doublings, group]) =>
      group.length < minTexts
        ? []
        : [{ x: doublings + 0.5, y: quantile(group, high), weight: Math.sqrt(group.length) }],
    )
    if (points.length > 1) slopes[language] = Math.max(0, slopeOf(points))
  }
  return slopes
}

function slopeOf(points: readonly { x: number; y: number; weight: number }[]): number {
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  const mean = (of: 'x' | 'y'): number => points.reduce((sum, p) => sum + p[of] * p.weight, 0) / total
  const [x, y] = [mean('x'), mean('y')]
  const both = points.reduce((sum, p) => sum + (p.x - x) * (p.y - y) * p.weight, 0)
  return both / points.reduce((sum, p) => sum + (p.x - x) ** 2 * p.weight, 0)
}
