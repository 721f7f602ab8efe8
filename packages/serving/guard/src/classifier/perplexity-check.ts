/**
 * Finds passages that are no language: suffixes searched for by gradient, and other soup. Meant to flag, not to block: it finds
 * few of them. Reads English, and what is English in Chinese texts; abstains for others.
 */

import { type Calibration, suspicionOf, tableOf } from '../calibration.ts'
import type { Check } from '../check.ts'
import type { Classifier } from './classifier.ts'

export interface PerplexityCheckOptions {
  /** Share of benign texts that may be found, by the calibration of the classifier. */
  readonly falsePositiveRate: number
  /** Measured on one's own benign texts, instead of the one the classifier brings. */
  readonly calibration?: Calibration
}

/**
 * Texts that read like no language, as suffixes found by a search do.
 *
 * @example
 * ```ts
 * import { createGuard, loadClassifier, perplexityCheck } from '@hadal/guard'
 *
 * const check = perplexityCheck(loadClassifier(), { falsePositiveRate: 0.01 })
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'perplexity', layer: 'perplexity', check, action: 'flag' }] })
 * ```
 */
export function perplexityCheck(
  classifier: Classifier,
  { falsePositiveRate, calibration = classifier.perplexityCalibration }: PerplexityCheckOptions,
): Check {
  return ({ views, language }) => {
    const original = views[0]
    const table = language === 'other' ? undefined : tableOf(calibration, language)
    if (table === undefined || original === undefined) return { findings: [], abstained: 'language' }
    const surprise = classifier.surprise(original.text, language)
    if (surprise === undefined) return { findings: [], abstained: 'length' }
    const suspicion = suspicionOf(table, surprise.score)
    if (suspicion < 1 - falsePositiveRate) return { findings: [], suspicion }
    return {
      suspicion,
      findings: [
        {
          rule: 'perplexity.high',
          span: original.toOriginal(surprise.window),
          view: original.name,
          why: 'a passage that no language and no code looks like',
        },
      ],
    }
  }
}
