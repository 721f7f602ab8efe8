/** Curves of a measurement, made of its ROC points and counts. Pure. */

import type { GuardEvalReport } from '@hadal/protocol'

export interface Point {
  readonly x: number
  readonly y: number
  readonly threshold: number
}

export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
}

type Roc = GuardEvalReport['roc']

export const rocCurves = (roc: Roc): Curve[] =>
  roc.map(({ language, points }) => ({
    name: language,
    points: points.map(({ falsePositiveRate: x, recall: y, threshold }) => ({ x, y, threshold })),
  }))

/** Precision against recall: the fraction of blocked texts that are attacks. Undefined if nothing is blocked. */
export function precisionCurves({ roc, summary }: Pick<GuardEvalReport, 'roc' | 'summary'>): Curve[] {
  return roc.map(({ language, points }) => {
    const counts = summary.languages.find(({ name }) => name === language)
    const [attacks, benign] = [counts?.recall?.of ?? 0, counts?.falsePositives?.of ?? 0]
    return {
      name: language,
      points: points.flatMap(({ recall, falsePositiveRate, threshold }) => {
        const [caught, wrong] = [recall * attacks, falsePositiveRate * benign]
        return caught + wrong === 0 ? [] : [{ x: recall, y: caught / (caught + wrong), threshold }]
      }),
    }
  })
}

/** What of a curve that goes from left to right lies left of `most`, up to the very edge. */
export function cutAt(points: readonly Point[], most: number): readonly Point[] {
  const beyond = points.findIndex(({ x }) => x > most)
  if (beyond === -1) return points
  const inside = points.slice(0, beyond)
  const [last, next] = [inside.at(-1), points[beyond]!]
  if (last === undefined || last.x === most) return inside
  const y = last.y + ((most - last.x) / (next.x - last.x)) * (next.y - last.y)
  return [...inside, { x: most, y, threshold: next.threshold }]
}

/** At most `most` rows, spread over the curve, including both ends. */
export function thinned<T>(rows: readonly T[], most: number): T[] {
  if (rows.length <= most) return [...rows]
  return Array.from({ length: most }, (_, at) => rows[Math.round((at * (rows.length - 1)) / (most - 1))]!)
}
