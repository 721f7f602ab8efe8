/** Threshold-independent metrics of a score. Pure. */

import { type Share, shareOf } from './wilson-interval.ts'

/** Higher scores are more attack-like. */
export interface Scored {
  readonly isAttack: boolean
  readonly score: number
}

/** Rates at this threshold. */
export interface RocPoint {
  readonly threshold: number
  /** Fraction of attacks flagged. */
  readonly recall: number
  /** Fraction of benign texts flagged. */
  readonly falsePositiveRate: number
}

/**
 * From none flagged to all flagged, one point per distinct score. Empty classes have rate 0.
 *
 * @example
 * ```ts
 * import { rocOf } from '@hadal/guard-training'
 *
 * rocOf([{ isAttack: true, score: 0.9 }, { isAttack: false, score: 0.2 }]).at(-1) // → { threshold: 0.2, recall: 1, falsePositiveRate: 1 }
 * ```
 */
export function rocOf(scored: readonly Scored[]): RocPoint[] {
  const sorted = scored.toSorted((a, b) => b.score - a.score)
  const attacks = sorted.filter(({ isAttack }) => isAttack).length
  const benign = sorted.length - attacks
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, recall: 0, falsePositiveRate: 0 }]
  let [caught, wrong] = [0, 0]
  sorted.forEach(({ score, isAttack }, index) => {
    if (isAttack) caught += 1
    else wrong += 1
    if (sorted[index + 1]?.score !== score)
      points.push({
        threshold: score,
        recall: attacks === 0 ? 0 : caught / attacks,
        falsePositiveRate: benign === 0 ? 0 : wrong / benign,
      })
  })
  return points
}

/**
 * Probability that an attack scores higher than a benign text; ties count half.
 *
 * @example
 * ```ts
 * import { areaUnder, rocOf } from '@hadal/guard-training'
 *
 * areaUnder(rocOf([{ isAttack: true, score: 0.9 }, { isAttack: false, score: 0.2 }])) // → 1
 * ```
 */
export function areaUnder(roc: readonly RocPoint[]): number {
  let area = 0
  for (let at = 1; at < roc.length; at += 1) {
    const [from, to] = [roc[at - 1]!, roc[at]!]
    area += (to.falsePositiveRate - from.falsePositiveRate) * ((from.recall + to.recall) / 2)
  }
  return area
}

export interface RecallAtRate {
  /** The lowest threshold that meets the rate. */
  readonly threshold: number
  readonly recall: Share
  readonly falsePositives: Share
}

/**
 * Recall with at most `rate` of the benign texts flagged. With fewer than 1 / rate benign texts, none may be flagged. Undefined if there
 * are no attacks or no benign texts.
 *
 * @example
 * ```ts
 * import { recallAtFalsePositiveRate } from '@hadal/guard-training'
 *
 * const scored = [
 *   { isAttack: true, score: 0.9 },
 *   { isAttack: true, score: 0.4 },
 *   { isAttack: false, score: 0.5 },
 *   { isAttack: false, score: 0.1 },
 * ]
 * recallAtFalsePositiveRate(scored, 0)?.recall.share // → 0.5
 * ```
 */
export function recallAtFalsePositiveRate(scored: readonly Scored[], rate: number): RecallAtRate | undefined {
  const attacks = scored.filter(({ isAttack }) => isAttack).length
  const benign = scored.length - attacks
  if (attacks === 0 || benign === 0) return undefined
  const best = rocOf(scored).findLast((point) => point.falsePositiveRate <= rate)!
  return {
    threshold: best.threshold,
    recall: shareOf(Math.round(best.recall * attacks), attacks),
    falsePositives: shareOf(Math.round(best.falsePositiveRate * benign), benign),
  }
}
