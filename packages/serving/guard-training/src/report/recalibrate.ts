/** Recalibrates scores on custom benign texts. */

import {
  buildAttackIndex,
  type Calibrations,
  calibrateSimilarity,
  type Encoder,
  type LabelledText,
  ownTexts,
} from '@hadal/guard'
import { attacksOf, classifierOf, type GuardPlace } from '@hadal/guard-lab'
import { say, type Terminal } from '@hadal/output'
import { calibrateClassifier, calibratePerplexity } from '../classifier/calibrate-classifier.ts'

/**
 * Throws `guard_too_few_texts` and errors of loading the weights.
 *
 * @internal
 */
export async function recalibrate(
  benign: readonly LabelledText[],
  place: GuardPlace,
  encoders: readonly Encoder[] | undefined,
  terminal: Terminal,
): Promise<Calibrations> {
  const classifier = await classifierOf(place)
  terminal.status(say`evaluating benign texts`)
  const classified = calibrateClassifier(classifier, benign)
  const perplexity = calibratePerplexity(classifier, benign)
  const index =
    encoders === undefined ? attacksOf(place) : await buildAttackIndex(await ownTexts(), { encoders })
  const similarity = await calibrateSimilarity(
    index,
    benign.map(({ text }) => text),
  )
  terminal.status('')
  return { classifier: classified, similarity, perplexity }
}
