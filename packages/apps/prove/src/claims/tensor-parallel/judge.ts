/** Whether distributed training matches single-process training. Pure. */

import { median } from '@hadal/base'
import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import type { DividedComparison, TensorParallelRaw } from './measure.ts'

/** fp32 has 7 digits: so much another order of sums changes a loss before anything was updated, and updates let it grow to the second. */
const firstLossWithin = 1e-6
const sameWithin = 1e-4
/** Beyond it is another run. */
const nearWithin = 1e-2

export function judgeTensorParallel(raw: TensorParallelRaw, _mode: ClaimMode): Judgement {
  const { comparisons, backends, steps, rounding, otherSeed } = raw
  if (comparisons.length === 0)
    return {
      ...{ verdict: 'not here', measured: '', conditions: '', plots: [] },
      reason: `Processes cannot be connected here: libtorch was built without gloo (it has ${backends.join(', ') || 'nothing'}). On Debian libgloo-dev brings its headers; then build the addon anew.`,
    }
  const losses = Math.max(...comparisons.map(lossesApart))
  const first = Math.max(...comparisons.map((each) => apart(each.aloneLosses[0]!, each.dividedLosses[0]!)))
  const weights = Math.max(...comparisons.map(({ weights: { relative } }) => orInfinite(relative)))
  const largest = Math.max(...comparisons.map(({ weights }) => orInfinite(weights.largest)))
  const floor = Math.max(...rounding.map(({ relative }) => relative))
  const other = median(otherSeed.map(({ relative }) => relative))
  const plain = comparisons[0]!
  const held = median(
    comparisons
      .filter(({ layout }) => layout.name === plain.layout.name)
      .map(({ rankPeakBytes, alonePeakBytes }) => Math.max(...rankPeakBytes) / alonePeakBytes),
  )
  const seeds = new Set(comparisons.map(({ seed }) => seed)).size
  return {
    verdict: verdictOf(first, Math.max(losses, weights)),
    measured: `losses differ by ${power(losses)} and weights by ${power(weights)} (relative) after ${steps} steps`,
    conditions: `${names(comparisons).join('; ')}; processes of one thread over gloo, fp32, ${seeds} seeds; against one process`,
    reason: [
      first <= firstLossWithin && Math.max(losses, weights) <= sameWithin
        ? `They are the same run but for the order of sums in fp32, so they are equal within rounding and not to the bit: the first loss within ${power(firstLossWithin)}, and what updates make of that within ${power(sameWithin)}.`
        : `Equal within rounding means the first loss within ${power(firstLossWithin)} (it is ${power(first)}), all that follows within ${power(sameWithin)}.`,
      `No weight is off by more than ${power(largest)}. Within one process a last bit of the weights changed at the start grows to ${power(floor)}, another seed is ${power(other)} away.`,
      `A rank of ${plain.layout.ranks} holds ${(100 * held).toFixed(0)} % of what one process does at its peak.`,
    ].join(' '),
    plots: [
      {
        kind: 'lines',
        title: `Loss, ${plain.layout.name} and one process, seed ${plain.seed}`,
        x: 'step',
        y: 'loss',
        series: [
          { name: 'one process', points: curve(plain.aloneLosses, steps) },
          { name: plain.layout.name, points: curve(plain.dividedLosses, steps) },
        ],
      },
      {
        kind: 'bars',
        title: 'Held at the peak, of what one process holds (the largest rank, median of seeds)',
        unit: '%',
        bars: names(comparisons).map((name) => ({
          name,
          value: 100 * median(comparisons.filter(({ layout }) => layout.name === name).map(heldShare)),
        })),
        mark: { name: 'half', value: 50 },
      },
    ],
  }
}

function verdictOf(first: number, later: number): Verdict {
  if (first <= firstLossWithin && later <= sameWithin) return 'reproduced'
  return later <= nearWithin ? 'partly' : 'not reproduced'
}

/** The largest relative difference of any step's loss. */
function lossesApart({ aloneLosses, dividedLosses }: DividedComparison): number {
  if (aloneLosses.length !== dividedLosses.length) return Number.POSITIVE_INFINITY
  return Math.max(...aloneLosses.map((loss, at) => apart(loss, dividedLosses[at]!)))
}

const apart = (a: number, b: number): number => orInfinite(Math.abs(b / a - 1))

/** JSON cannot encode non-finite numbers. */
const orInfinite = (value: number | null): number =>
  value === null || !Number.isFinite(value) ? Number.POSITIVE_INFINITY : value

const heldShare = ({ rankPeakBytes, alonePeakBytes }: DividedComparison): number =>
  Math.max(...rankPeakBytes) / alonePeakBytes

const names = (comparisons: readonly DividedComparison[]): string[] => [
  ...new Set(comparisons.map(({ layout }) => layout.name)),
]

const curve = (losses: readonly number[], steps: number): [number, number][] =>
  losses.slice(0, steps).map((loss, at) => [at + 1, loss])

const power = (value: number): string => (value === 0 ? '0' : value.toExponential(0))
