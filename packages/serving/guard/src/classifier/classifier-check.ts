/** The classifier as a check: reads every view and reports the window that looks most like an attack. */

import { type Calibration, suspicionOf, tableOf } from '../calibration.ts'
import type { Check, Span, View } from '../check.ts'
import { languageOf } from '../language-of.ts'
import type { Classifier } from './classifier.ts'

export interface ClassifierCheckOptions {
  /** Maximum fraction of benign texts flagged, by the classifier's calibration: 0.01. */
  readonly falsePositiveRate: number
  /** Custom calibration instead of the classifier's own. */
  readonly calibration?: Calibration
}

/**
 * The character n-gram classifier as a check, at a target false-positive rate.
 *
 * @example
 * ```ts
 * import { classifierCheck, createGuard, loadClassifier } from '@hadal/guard'
 *
 * const check = classifierCheck(loadClassifier(), { falsePositiveRate: 0.01 })
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'classifier', layer: 'classifier', check, action: 'block' }] })
 * ```
 */
export function classifierCheck(
  classifier: Classifier,
  { falsePositiveRate, calibration = classifier.calibration }: ClassifierCheckOptions,
): Check {
  return ({ views, language }) => {
    let worst: { suspicion: number; view: View; window: Span } | undefined
    for (const view of views) {
      // A decoded view may be in another language than the original.
      const spoken = view.path.length === 0 ? language : languageOf(view.text)
      const table = tableOf(calibration, spoken)
      if (table === undefined) continue
      const { score, window } = classifier.score(view.text, spoken)
      const suspicion = suspicionOf(table, score)
      if (worst === undefined || suspicion > worst.suspicion) worst = { suspicion, view, window }
    }
    if (worst === undefined) return { findings: [], abstained: 'language' }
    const { suspicion, view, window } = worst
    if (suspicion < 1 - falsePositiveRate) return { findings: [], suspicion }
    const words = classifier.heaviest(view.text, window, 5)
    return {
      suspicion,
      findings: [
        {
          rule: 'classifier.attack',
          span: view.toOriginal(window),
          view: view.name,
          why: words.length === 0 ? 'reads like an attack' : `reads like an attack: ${words.join(', ')}`,
        },
      ],
    }
  }
}
