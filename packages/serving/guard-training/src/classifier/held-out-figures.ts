/** Detection rates on sources excluded from training, at 1 % false positives. Pure. */

import { type Calibration, type HeldOutFigure, type LabelledText, suspicionOf, tableOf } from '@hadal/guard'

export interface HeldScore {
  readonly row: LabelledText
  readonly score: number
}

const suspicious = 0.99

/** By source and language, sorted by name. Texts in languages without a calibration count as not flagged. */
export function heldOutFigures(scores: readonly HeldScore[], calibration: Calibration): HeldOutFigure[] {
  const figures = new Map<string, HeldOutFigure>()
  for (const { row, score } of scores) {
    const { source, language, isAttack } = row
    const key = `${source} ${language}`
    const table = tableOf(calibration, language)
    const hit = table !== undefined && suspicionOf(table, score) >= suspicious ? 1 : 0
    const so = figures.get(key) ?? { source, language, attacks: 0, found: 0, benign: 0, foundBenign: 0 }
    figures.set(
      key,
      isAttack
        ? { ...so, attacks: so.attacks + 1, found: so.found + hit }
        : { ...so, benign: so.benign + 1, foundBenign: so.foundBenign + hit },
    )
  }
  return [...figures].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, figure]) => figure)
}
