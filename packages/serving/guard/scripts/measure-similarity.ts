/** Measures how well similarity to known attacks detects attacks from unseen sources. Used by `index-attacks.ts`. */

import type { LabelledText } from '../src/labelled-text.ts'
import type { AttackIndex } from '../src/similarity/attack-index.ts'
import { buildAttackIndex } from '../src/similarity/build-attack-index.ts'
import { maxSuspicious } from '../src/similarity/similarity-check.ts'

export interface SimilarityScore {
  /** To the nearest attack; -1 if nothing was readable. */
  readonly cosine: number
  readonly suspicion: number
  readonly isRead: boolean
}

export interface HeldOutFigure {
  readonly source: string
  readonly attacks: number
  readonly benign: number
  /** Fraction of the attacks that were readable. */
  readonly read: number
  /** Where 1 % of the benign texts are flagged. */
  readonly recallAtOne: number
  /** At a false-positive rate of 0.01, calibrated on the other sources. */
  readonly recall: number
  readonly falsePositives: number
  /** At a fixed cosine threshold of 0.8. */
  readonly flatRecall: number
  readonly flatFalsePositives: number
}

/** No index contains the benign texts of `testSources`. */
export async function measureHeldOut(
  rows: readonly LabelledText[],
  source: string,
  testSources: ReadonlySet<string>,
): Promise<HeldOutFigure[]> {
  const index = await buildAttackIndex(
    rows.filter((row) => row.source !== source && !testSources.has(row.source)),
  )
  const figures: HeldOutFigure[] = []
  for (const language of ['en', 'zh', 'other'] as const) {
    const attacks = rows.filter((row) => row.isAttack && row.source === source && row.language === language)
    const benign = rows.filter(
      (row) => !row.isAttack && testSources.has(row.source) && row.language === language,
    )
    if (attacks.length < 20 || benign.length < 50) continue
    figures.push({
      source: `${source} (${language})`,
      ...figureOf(await scoresOf(index, attacks), await scoresOf(index, benign)),
    })
  }
  return figures
}

export async function scoresOf(
  index: AttackIndex,
  rows: readonly LabelledText[],
): Promise<SimilarityScore[]> {
  const scores: SimilarityScore[] = []
  for (const { text } of rows) {
    const compared = await index.compare([text])
    scores.push({
      cosine: compared.nearest.reduce((most, { cosine }) => Math.max(most, cosine), -1),
      suspicion: maxSuspicious(index.calibration, compared)?.suspicion ?? 0,
      isRead: compared.unread === undefined,
    })
  }
  return scores
}

function figureOf(
  attacks: readonly SimilarityScore[],
  benign: readonly SimilarityScore[],
): Omit<HeldOutFigure, 'source'> {
  const share = (scores: readonly SimilarityScore[], counts: (score: SimilarityScore) => boolean): number =>
    scores.filter(counts).length / scores.length
  const threshold = benign.map(({ suspicion }) => suspicion).sort((a, b) => b - a)[
    Math.floor(benign.length / 100)
  ]!
  return {
    attacks: attacks.length,
    benign: benign.length,
    read: share(attacks, ({ isRead }) => isRead),
    recallAtOne: share(attacks, ({ suspicion }) => suspicion > threshold),
    recall: share(attacks, ({ suspicion }) => suspicion >= 0.99),
    falsePositives: share(benign, ({ suspicion }) => suspicion >= 0.99),
    flatRecall: share(attacks, ({ cosine }) => cosine >= 0.8),
    flatFalsePositives: share(benign, ({ cosine }) => cosine >= 0.8),
  }
}
