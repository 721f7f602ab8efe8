/**
 * Flags passages that do not resemble language, such as gradient-optimized suffixes. Recall is low, so use it to flag rather than block.
 * Reads English, including English in Chinese texts; abstains otherwise.
 */

import { type Calibration, suspicionOf, tableOf } from '../calibration.ts'
import type { Check } from '../check.ts'
import type { Classifier } from './classifier.ts'

export interface PerplexityCheckOptions {
  /** Maximum fraction of benign texts flagged, by the classifier's calibration. */
  readonly falsePositiveRate: number
  /** Custom calibration instead of the classifier's own. */
  readonly calibration?: Calibration
}

/**
 * Flags texts that do not resemble language, such as optimized suffixes.
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
