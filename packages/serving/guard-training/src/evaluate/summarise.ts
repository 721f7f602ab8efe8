/** Summarizes outcomes: rates with confidence intervals, overall and by language, source, category and layer. Pure. */

import { quantileOfSorted } from '@hadal/base'
import type { Language, Layer } from '@hadal/guard'
import { isStopped, type Only, type Outcome, scoreOf, stops } from './outcome.ts'
import { areaUnder, type RecallAtRate, recallAtFalsePositiveRate, rocOf, type Scored } from './roc.ts'
import { type Share, shareOf } from './wilson-interval.ts'

export interface GroupSummary {
  readonly name: string
  /** Attacks blocked at the guard's thresholds. Absent without attacks. */
  readonly recall?: Share
  /** Benign texts blocked. Absent without benign texts. */
  readonly falsePositives?: Share
  /** Attacks blocked at the requested false-positive rate, with a threshold per language. */
  readonly recallAtRate?: Share
}

export interface LanguageSummary extends GroupSummary {
  readonly name: Language
  readonly atRate?: RecallAtRate
  /** Area under the ROC curve. Absent without attacks or without benign texts. */
  readonly auc?: number
}

export interface LayerSummary {
  readonly layer: Layer
  readonly alone: Omit<GroupSummary, 'name'>
  readonly without: Omit<GroupSummary, 'name'>
}

export interface LatencySummary {
  /** `views`, or the name of a check. */
  readonly name: string
  readonly p50Micros: number
  readonly p99Micros: number
  readonly maxMicros: number
}

export interface Summary {
  /** The false-positive rate of `recallAtRate`. */
  readonly rate: number
  readonly all: GroupSummary
  readonly languages: readonly LanguageSummary[]
  readonly sources: readonly GroupSummary[]
  readonly categories: readonly GroupSummary[]
  /** Layers that can block a text. */
  readonly layers: readonly LayerSummary[]
  readonly latency: readonly LatencySummary[]
  /** Number of abstentions by check. */
  readonly abstained: Readonly<Record<string, number>>
  readonly failed: Readonly<Record<string, number>>
}

/**
 * Recall and false positives, overall and by language, source, category and layer, with confidence intervals.
 *
 * @example
 * ```ts
 * import { createGuard, ownTexts, viewsOf } from '@hadal/guard'
 * import { evaluateAsIs, summarise } from '@hadal/guard-training'
 *
 * const guard = createGuard()
 * const outcomes = await evaluateAsIs(await ownTexts(), (row) => guard.stepsFor(row.role), { viewsOf })
 * const { all, layers } = summarise(outcomes)
 * console.log(all.recall?.share, all.falsePositives?.share, layers.map(({ layer, alone }) => [layer, alone.recall?.share]))
 * ```
 */
export function summarise(outcomes: readonly Outcome[], rate = 0.01): Summary {
  const groups = (nameOf: (outcome: Outcome) => string | undefined): GroupSummary[] =>
    [...groupBy(outcomes, nameOf)].map(([name, members]) => ({ name, ...sharesOf(members, thresholds) }))
  const thresholds = thresholdsOf(outcomes, rate)
  const layers = new Set(outcomes.flatMap(({ steps }) => steps.filter(stops).map(({ layer }) => layer)))
  return {
    rate,
    all: { name: 'all', ...sharesOf(outcomes, thresholds) },
    languages: [...groupBy(outcomes, ({ row }) => row.language)].map(([name, members]) => {
      const scored = members.map((outcome) => scoredOf(outcome))
      const atRate = recallAtFalsePositiveRate(scored, rate)
      return {
        name,
        ...sharesOf(members, thresholds),
        ...(atRate && { atRate, auc: areaUnder(rocOf(scored)) }),
      }
    }),
    sources: groups(({ row }) => row.source),
    categories: groups(({ row }) => row.category),
    layers: [...layers].map((layer) => {
      const within = (only: Only): LayerSummary['alone'] =>
        sharesOf(outcomes, thresholdsOf(outcomes, rate, only), only)
      return {
        layer,
        alone: within((step) => step.layer === layer),
        without: within((step) => step.layer !== layer),
      }
    }),
    latency: latencyOf(outcomes),
    abstained: countSteps(outcomes, 'abstained'),
    failed: countSteps(outcomes, 'failed'),
  }
}

/**
 * For `rocOf`.
 *
 * @example
 * ```ts
 * import { createGuard, ownTexts, viewsOf } from '@hadal/guard'
 * import { areaUnder, evaluateAsIs, rocOf, scoredOf } from '@hadal/guard-training'
 *
 * const guard = createGuard()
 * const outcomes = await evaluateAsIs(await ownTexts(), (row) => guard.stepsFor(row.role), { viewsOf })
 * areaUnder(rocOf(outcomes.map((outcome) => scoredOf(outcome)))) // 1: every attack scores above every benign text
 * ```
 */
export const scoredOf = (outcome: Outcome, only?: Only): Scored => ({
  isAttack: outcome.row.isAttack,
  score: scoreOf(outcome, only),
})

type Thresholds = ReadonlyMap<Language, number>

/** Languages with both attacks and benign texts. */
function thresholdsOf(outcomes: readonly Outcome[], rate: number, only?: Only): Thresholds {
  return new Map(
    [...groupBy(outcomes, ({ row }) => row.language)].flatMap(([language, members]) => {
      const scored = members.map((outcome) => scoredOf(outcome, only))
      const found = recallAtFalsePositiveRate(scored, rate)
      return found === undefined ? [] : [[language, found.threshold] as const]
    }),
  )
}

function sharesOf(
  outcomes: readonly Outcome[],
  thresholds: Thresholds,
  only?: Only,
): Omit<GroupSummary, 'name'> {
  const attacks = outcomes.filter(({ row }) => row.isAttack)
  const benign = outcomes.filter(({ row }) => !row.isAttack)
  const stopped = (of: readonly Outcome[]): Share =>
    shareOf(of.filter((outcome) => isStopped(outcome, only)).length, of.length)
  const comparable = attacks.filter(({ row }) => thresholds.has(row.language))
  const caught = comparable.filter(
    (outcome) => scoreOf(outcome, only) >= thresholds.get(outcome.row.language)!,
  )
  return {
    ...(attacks.length > 0 && { recall: stopped(attacks) }),
    ...(benign.length > 0 && { falsePositives: stopped(benign) }),
    ...(comparable.length > 0 && { recallAtRate: shareOf(caught.length, comparable.length) }),
  }
}

function latencyOf(outcomes: readonly Outcome[]): LatencySummary[] {
  const micros = new Map<string, number[]>([['views', []]])
  for (const { viewMicros, steps } of outcomes) {
    micros.get('views')!.push(viewMicros)
    for (const step of steps) {
      const list = micros.get(step.check) ?? []
      if (list.length === 0) micros.set(step.check, list)
      list.push(step.micros)
    }
  }
  micros.set(
    'all',
    outcomes.map(({ viewMicros, steps }) => steps.reduce((sum, step) => sum + step.micros, viewMicros)),
  )
  return [...micros].flatMap(([name, list]) => {
    if (list.length === 0) return []
    const sorted = list.toSorted((a, b) => a - b)
    return {
      name,
      p50Micros: quantileOfSorted(sorted, 0.5),
      p99Micros: quantileOfSorted(sorted, 0.99),
      maxMicros: sorted.at(-1)!,
    }
  })
}

function countSteps(outcomes: readonly Outcome[], what: 'abstained' | 'failed'): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { steps } of outcomes)
    for (const step of steps) if (step[what] !== undefined) counts[step.check] = (counts[step.check] ?? 0) + 1
  return counts
}

function groupBy<Name extends string>(
  outcomes: readonly Outcome[],
  nameOf: (outcome: Outcome) => Name | undefined,
): Map<Name, Outcome[]> {
  const groups = new Map<Name, Outcome[]>()
  for (const outcome of outcomes) {
    const name = nameOf(outcome)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [outcome])
    else group.push(outcome)
  }
  return groups
}
