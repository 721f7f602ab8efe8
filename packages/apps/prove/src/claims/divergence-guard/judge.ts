/** Evaluates the guarded runs. Pure. */

import { median } from '@hadal/base'
import type { ClaimMode, Judgement, PlotSeries, Verdict } from '../../claim.ts'
import type { Disturbance, DivergenceRaw, GuardedRun } from './measure.ts'

/** Share of the undisturbed run's progress: at or above it a run is saved; below half it is lost. */
const savedShare = 0.9
const lostShare = 0.5

interface Pair {
  readonly without: GuardedRun
  readonly with: GuardedRun
  /** What each learnt, as a share of what the undisturbed run did. */
  readonly withoutShare: number
  readonly withShare: number
}

export function judgeGuard(raw: DivergenceRaw, mode: ClaimMode): Judgement {
  const pairs = pairsOf(raw)
  const breaking = pairs.filter(({ without }) => without.disturbance?.kind === 'broken-batches')
  const claimed = breaking.filter(({ without }) => without.setting === 'sgd' && without.stepsAbove100 > 0)
  const lost = claimed.filter(({ withoutShare }) => withoutShare < lostShare)
  const saved = lost.filter(({ withShare }) => withShare >= savedShare)
  const kept = median(saved.map(({ withShare }) => withShare))
  const seeds = new Set(raw.runs.map(({ seed }) => seed)).size
  const high = pairs.filter(({ without }) => without.disturbance?.kind === 'high-rate')
  const unseen = high.filter(
    ({ with: guarded, withShare }) => guarded.interventions.length === 0 && withShare < lostShare,
  )
  const reasons = [
    lost.length === 0
      ? 'Broken batches lost no run here that had no guard, so nothing shows what the guard saves.'
      : saved.length === lost.length
        ? 'Where broken batches lift the norm above 100 and the run is lost without the guard, going back saves it.'
        : `Saved are ${savedByCount(lost)}: the norm must be above 100 for three steps in a row before the guard acts, so the last one or two batches of a long stretch can still do harm.`,
    unseen.length > 0 &&
      `${unseen.length} of ${high.length} runs at a rate that is ${timesOf(high)} times too high are lost without a norm above 100 for three steps: those the guard does not see.`,
    clippedSentence(breaking),
  ]
  return {
    verdict: verdictOf(lost.length, saved.length),
    measured:
      lost.length === 0
        ? 'no disturbed run is lost without the guard'
        : `${saved.length} of ${lost.length} lost runs saved${saved.length > 0 ? `, each with ${percent(kept)} of what it would have learnt` : ''}`,
    conditions: `a classifier of three layers, ${raw.steps} steps, SGD with momentum and no clipping; ${countsOf(breaking)} batches in a row 255 times too large; ${seeds} seeds, the guard as it is by default (norm above 100, patience 3)${mode === 'full' ? '; the same with AdamW and clipping' : ''}`,
    reason: reasons.filter(Boolean).join(' '),
    plots: [
      {
        kind: 'lines',
        title: 'Gradient norm of each step that was applied, of the first seed',
        x: 'step',
        y: 'norm before clipping',
        isLogY: true,
        series: normSeries(raw),
        mark: { name: 'the guard’s limit', value: 100 },
      },
      {
        kind: 'bars',
        title: 'Learnt, of what the undisturbed run learns (median of seeds)',
        unit: '%',
        bars: distinct(pairs.map(({ without }) => nameOf(without))).flatMap((name) => {
          const own = pairs.filter(({ without }) => nameOf(without) === name)
          const bar = (suffix: string, of: (pair: Pair) => number) => ({
            name: `${name}, ${suffix}`,
            value: Math.max(0, 100 * median(own.map(of))),
          })
          return [
            bar('no guard', ({ withoutShare }) => withoutShare),
            bar('guard', ({ withShare }) => withShare),
          ]
        }),
      },
    ],
  }
}

function verdictOf(lost: number, saved: number): Verdict {
  if (lost > 0 && saved === lost) return 'reproduced'
  return lost > 0 && 2 * saved >= lost ? 'partly' : 'not reproduced'
}

function pairsOf({ runs, classes }: DivergenceRaw): Pair[] {
  const chance = Math.log(classes)
  return runs.flatMap((without): Pair[] => {
    if (without.guarded || without.disturbance === null) return []
    const same = ({ seed, setting }: GuardedRun): boolean =>
      seed === without.seed && setting === without.setting
    const guarded = runs.find(
      (run) => same(run) && run.guarded && run.disturbance && nameOf(run) === nameOf(without),
    )
    const calm = runs.find((run) => same(run) && run.disturbance === null)
    if (!guarded || typeof calm?.validLoss !== 'number') return []
    const best = calm.validLoss
    const share = ({ validLoss }: GuardedRun): number =>
      validLoss === null ? 0 : (chance - validLoss) / (chance - best)
    return [{ without, with: guarded, withoutShare: share(without), withShare: share(guarded) }]
  })
}

/** `9 of 9 with 4 broken batches, 2 of 3 with 8` */
function savedByCount(lost: readonly Pair[]): string {
  return distinct(lost.map(({ without }) => countOf(without.disturbance)))
    .map((count) => {
      const own = lost.filter(({ without }) => countOf(without.disturbance) === count)
      const saved = own.filter(({ withShare }) => withShare >= savedShare)
      return `${saved.length} of ${own.length} with ${count} broken ${count === 1 ? 'batch' : 'batches'}`
    })
    .join(', ')
}

/** Where gradients are clipped and the optimizer divides them by their size, there is little to save. */
function clippedSentence(breaking: readonly Pair[]): string | undefined {
  const clipped = breaking.filter(({ without }) => without.setting === 'adamw')
  if (clipped.length === 0) return undefined
  const least = Math.min(...clipped.map(({ withoutShare }) => withoutShare))
  return `With AdamW and gradients clipped to 1 the same batches leave ${percent(least)} or more without a guard, so there it has little to save.`
}

const countOf = (disturbance: Disturbance | null): number =>
  disturbance?.kind === 'broken-batches' ? disturbance.count : 0

const countsOf = (pairs: readonly Pair[]): string =>
  distinct(pairs.map(({ without }) => countOf(without.disturbance))).join(', ')

const timesOf = (pairs: readonly Pair[]): number => {
  const disturbance = pairs[0]?.without.disturbance
  return disturbance?.kind === 'high-rate' ? disturbance.times : 1
}

function nameOf({ setting, disturbance }: GuardedRun): string {
  const optimizer = setting === 'adamw' ? 'AdamW, clipped: ' : ''
  if (disturbance === null) return `${optimizer}undisturbed`
  return disturbance.kind === 'high-rate'
    ? `${optimizer}rate times ${disturbance.times}`
    : `${optimizer}${disturbance.count} broken`
}

/** Norms of the first seed's case with the most broken batches. */
function normSeries({ runs }: DivergenceRaw): PlotSeries[] {
  const kept = runs.filter(({ norms, setting }) => norms.length > 0 && setting === 'sgd')
  const shown = kept.filter(({ disturbance }) => disturbance === null || countOf(disturbance) === 4)
  return shown.map((run) => ({
    name:
      run.disturbance === null ? 'undisturbed' : `4 broken batches, ${run.guarded ? 'guard' : 'no guard'}`,
    points: run.norms.map((norm, at) => [at + 1, Math.max(norm, 1e-6)] as const),
  }))
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
