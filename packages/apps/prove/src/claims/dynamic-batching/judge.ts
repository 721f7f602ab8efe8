/** Improvement by tuning over each initial configuration. Pure. */

import { median } from '@hadal/base'
import type { Judgement, Plot, Verdict } from '../../claim.ts'
import { quartileRatio } from '../../quartile-ratio.ts'
import { type Contender, contenders, type Load, loads, perSecond, type Settings, type Turn } from './turns.ts'

export interface Raw {
  readonly seed: number
  readonly found: Settings
  readonly turns: readonly Turn[]
}

const claimed = 1.42
/** Tolerance of the ratio: rounds on a shared machine vary this much. */
const tolerance = 0.05

export function judge({ seed, found, turns }: Raw): Judgement {
  const own = (contender: Contender, load: Load): Turn[] =>
    turns.filter((turn) => turn.contender === contender && turn.load === load)
  const rounds = own('found', 'many').length
  /** Round by round, so that what else the machine did in one counts for both. */
  const ratios = (to: Contender, load: Load, read: (turn: Turn) => number = perSecond): number[] =>
    own('found', load).map(
      (turn) => read(turn) / read(own(to, load).find(({ round }) => round === turn.round)!),
    )
  const ratio = (...of: Parameters<typeof ratios>): number => median(ratios(...of))
  const p99 = (contender: Contender, load: Load): number =>
    median(own(contender, load).map(({ p99Millis }) => p99Millis))
  const tuned = ratio('guide, untuned', 'many')
  const each = ratios('guide, untuned', 'many')
  const isUnclear = quartileRatio(each) > claimed
  const cpu = (turn: Turn): number => (turn.cpuMillis ?? Number.NaN) / turn.queries
  const saved = ratio('guide, untuned', 'many', cpu)
  return {
    verdict: verdictOf(tuned, isUnclear),
    measured: `${change(tuned)} queries per second with ${loads.many} clients (${rate(own('guide, untuned', 'many'))} to ${rate(own('found', 'many'))}), ${change(ratio('guide, untuned', 'few'))} with ${loads.few}`,
    conditions: `the server and the bundled model on one thread, queries of 16 words answered with 8 tokens, ${rounds} rounds in turns; untuned are batches of 8 with a wait of 100 ms, tuned ${settingsText(found)}, searched here; seed ${seed}`,
    reason: `${isUnclear ? 'Rounds differ by more than what is claimed, so this machine was too busy to tell.' : verdictText(tuned)} Rounds give ${change(Math.min(...each))} to ${change(Math.max(...each))}. A full line hardly waits, so with ${loads.many} clients the batch size counts, and with ${loads.few} the wait. What was found gives ${change(ratio('one at a time', 'many'))} against one at a time, ${change(ratio('guide, tuned', 'many'))} against batches of 32 with 50 ms, and ${change(ratio('nothing said', 'many'))} against the defaults of Hadal (${loads.many} clients; P99 ${ms(p99('guide, untuned', 'many'))} to ${ms(p99('found', 'many'))}${Number.isFinite(saved) ? `, the processor's time of a query ${change(saved)}` : ''}).`,
    plots: [settingsPlot(turns), ...roundsPlots(turns)],
  }
}

function verdictOf(tuned: number, isUnclear: boolean): Verdict {
  if (isUnclear) return 'partly'
  if (tuned >= claimed * (1 - tolerance)) return 'reproduced'
  return tuned > 1 + tolerance ? 'partly' : 'not reproduced'
}

function verdictText(tuned: number): string {
  if (tuned >= claimed * (1 - tolerance)) return 'As much as claimed.'
  if (tuned > 1 + tolerance) return 'More, and less than claimed.'
  return tuned < 1 - tolerance
    ? 'With many clients what was found is slower here.'
    : 'With many clients tuning changes little here.'
}

const rate = (turns: readonly Turn[]): string => median(turns.map(perSecond)).toFixed(0)
const ms = (value: number): string => `${value.toFixed(0)} ms`
const change = (ratio: number): string =>
  `${ratio >= 1 ? '+' : '-'}${(Math.abs(ratio - 1) * 100).toFixed(0)} %`
const settingsText = ({ maxBatchSize, timeoutMillis }: Settings): string =>
  `batches of ${maxBatchSize} with ${timeoutMillis === 0 ? 'no wait' : `${timeoutMillis} ms`}`

/** Throughput by batch size in the search, without a wait. */
function settingsPlot(turns: readonly Turn[]): Plot {
  const searched = turns.filter(
    ({ contender, settings }) => contender === 'search' && settings.timeoutMillis === 0,
  )
  const series = (Object.keys(loads) as Load[]).map((load) => {
    const sizes = new Map<number, number[]>()
    for (const turn of searched)
      if (turn.load === load) {
        const { maxBatchSize } = turn.settings
        sizes.set(maxBatchSize, [...(sizes.get(maxBatchSize) ?? []), perSecond(turn)])
      }
    const points = [...sizes].toSorted(([a], [b]) => a - b)
    return {
      name: `${loads[load]} clients`,
      points: points.map(([size, rates]) => [size, median(rates)] as const),
    }
  })
  return {
    kind: 'lines',
    title: 'Queries per second by batch size, without a wait',
    x: 'batch size at most',
    y: 'queries per second',
    isLogX: true,
    series,
  }
}

function roundsPlots(turns: readonly Turn[]): readonly Plot[] {
  return (Object.keys(loads) as Load[]).toReversed().map((load) => ({
    kind: 'bars',
    title: `Queries per second, ${loads[load]} clients (medians of rounds)`,
    unit: 'queries/s',
    bars: contenders.map((name) => ({
      name,
      value: median(turns.filter((turn) => turn.contender === name && turn.load === load).map(perSecond)),
    })),
  }))
}
