/** The result of `hadal guard eval`, in its JSON format. */

import { isStopped, type Outcome, scoreOf } from '../evaluate/outcome.ts'
import { type RocPoint, rocOf } from '../evaluate/roc.ts'
import { type GroupSummary, type Summary, scoredOf } from '../evaluate/summarise.ts'

/** How the texts of a source were evaluated. */
export interface MeasuredBy {
  readonly sources: readonly string[]
  readonly texts: number
  /** Absent if the guard was evaluated without retraining. */
  readonly retrained?: { readonly on: number; readonly dropped: number }
  /** Number of near-duplicates of bundled texts, which the unmodified guard was trained on. Absent if there are none. */
  readonly repeated?: number
}

export interface Excerpt {
  /** `file:line`. */
  readonly at: string
  readonly source: string
  readonly language: string
  /** The check that wrongly blocked the text. */
  readonly by?: string
  readonly excerpt: string
}

/** @internal */
export interface EvalReport {
  readonly date: string
  /** Preset or file of the guard's policy. */
  readonly guard: string
  readonly measuredBy: readonly MeasuredBy[]
  readonly summary: Summary
  /** With the original text as the only view. */
  readonly withoutViews: Omit<GroupSummary, 'name'>
  readonly roc: readonly { readonly language: string; readonly points: readonly RocPoint[] }[]
  /** Suspicion histograms of each scoring check, and of all blocking checks combined. */
  readonly scores: readonly ScoreHistogram[]
  /** A bounded sample; the counts are in the summary. */
  readonly missed: readonly Excerpt[]
  readonly wronglyStopped: readonly Excerpt[]
}

/** Texts by suspicion, in twenty equal bins from 0 to 1. */
export interface ScoreHistogram {
  /** The name of a check, or `all`. */
  readonly check: string
  readonly attacks: readonly number[]
  readonly benign: readonly number[]
}

const bins = 20

/**
 * Histograms of the scores of attacks and of benign texts.
 *
 * @internal
 */
export function scoreHistograms(outcomes: readonly Outcome[]): ScoreHistogram[] {
  const counted = new Map<string, { attacks: number[]; benign: number[] }>()
  const count = (check: string, { row }: Outcome, score: number): void => {
    const histogram = counted.get(check) ?? {
      attacks: new Array<number>(bins).fill(0),
      benign: new Array<number>(bins).fill(0),
    }
    counted.set(check, histogram)
    const side = row.isAttack ? histogram.attacks : histogram.benign
    const bin = Math.max(0, Math.min(bins - 1, Math.floor(score * bins)))
    side[bin] = side[bin]! + 1
  }
  for (const outcome of outcomes) {
    count('all', outcome, scoreOf(outcome))
    for (const { check, suspicion } of outcome.steps)
      if (suspicion !== undefined) count(check, outcome, suspicion)
  }
  return [...counted].map(([check, sides]) => ({ check, ...sides }))
}

/** Maximum points of a curve; screens show no more. */
const maxPoints = 400
const maxExcerpts = 20
const excerptLength = 160

/**
 * The ROC curve of each language.
 *
 * @internal
 */
export function rocByLanguage(outcomes: readonly Outcome[]): EvalReport['roc'] {
  return ['en', 'zh', 'other'].flatMap((language) => {
    const scored = outcomes.filter(({ row }) => row.language === language).map((outcome) => scoredOf(outcome))
    if (new Set(scored.map(({ isAttack }) => isAttack)).size < 2) return []
    const points = rocOf(scored)
    const stride = Math.ceil(points.length / maxPoints)
    // At low false-positive rates, every point matters.
    const kept = points.filter(
      ({ falsePositiveRate }, at) =>
        falsePositiveRate <= 0.05 || at % stride === 0 || at === points.length - 1,
    )
    return { language, points: kept.map((point) => ({ ...point, threshold: Math.min(point.threshold, 2) })) }
  })
}

/**
 * Sampled evenly, so that no source dominates.
 *
 * @internal
 */
export function excerpts(
  outcomes: readonly Outcome[],
  isAttack: boolean,
  placeOf: (outcome: Outcome) => string,
): Excerpt[] {
  const wrong = outcomes.filter(
    (outcome) => outcome.row.isAttack === isAttack && isStopped(outcome) !== isAttack,
  )
  const stride = Math.max(1, wrong.length / maxExcerpts)
  return Array.from({ length: Math.min(wrong.length, maxExcerpts) }, (_, at) => {
    const outcome = wrong[Math.floor(at * stride)]!
    const by = outcome.steps.find((step) => step.acts && isStopped({ ...outcome, steps: [step] }))?.check
    const { text, source, language } = outcome.row
    const excerpt = text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text
    return { at: placeOf(outcome), source, language, ...(by !== undefined && { by }), excerpt }
  })
}
