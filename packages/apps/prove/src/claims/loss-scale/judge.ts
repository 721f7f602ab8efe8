/** Evaluates runs with a loss scale of 128. Pure. */

import { median } from '@hadal/base'
import type { ClaimMode, Judgement } from '../../claim.ts'
import type { LossScaleRaw, LossScaleRun, Way } from './measure.ts'

/**
 * Multiples of the fp32 held-out error: up to the first a run is as good; above the second it has not learnt
 * the task.
 */
const asGood = 1.05
const failed = 1.25

interface Level {
  readonly exponent: number
  /** Held-out error of each seed as a multiple of that in fp32. */
  readonly ratios: Readonly<Record<Exclude<Way, 'fp32'>, readonly number[]>>
}

export function judgeLossScale(raw: LossScaleRaw, _mode: ClaimMode): Judgement {
  const levels = levelsOf(raw)
  const underflows = levels.filter(({ ratios }) => ratios['fp16, no scale'].every((ratio) => ratio >= failed))
  const holds = underflows.filter(({ ratios }) => ratios['fp16, scale 128'].every((ratio) => ratio <= asGood))
  const tooFaint = underflows.filter(({ ratios }) =>
    ratios['fp16, scale 128'].some((ratio) => ratio > asGood),
  )
  const dynamic = underflows.filter(({ ratios }) =>
    ratios['fp16, dynamic scale'].every((ratio) => ratio <= asGood),
  )
  const shown = holds.at(-1) ?? underflows.at(-1) ?? levels.at(-1)!
  const seeds = new Set(raw.runs.map(({ seed }) => seed)).size
  return {
    verdict: holds.length > 0 ? 'reproduced' : 'not reproduced',
    measured: `${worst(shown, 'fp16, no scale')} times fp32’s error without a scale, ${worst(shown, 'fp16, scale 128')} with 128 (gradients ${zeros(raw, shown, 'fp16, no scale')}, ${zeros(raw, shown, 'fp16, scale 128')} zero)`,
    conditions: `a network of four layers learns a drawn function, fp16 with fp32 masters and AdamW, ${raw.steps} steps, ${seeds} seeds; its loss is times ${powers([shown])}, and for comparison times ${powers(levels.filter((level) => level !== shown))}`,
    reason: [
      holds.length > 0
        ? `Where fp16 without a scale does not learn what fp32 does, 128 brings it back (loss times ${powers(holds)}).`
        : 'No loss was found that fp16 fails to learn without a scale and learns with 128.',
      standsStill(raw, shown) &&
        'What underflows does not blow up: gradients are zero and weights stand still.',
      tooFaint.length > 0 &&
        `128 is right for gradients of that size alone: for a loss times ${powers(tooFaint)} it is too small.`,
      underflows.length > 0 &&
        (dynamic.length === underflows.length
          ? 'The dynamic scale, which begins at 65,536, handles all of them.'
          : `The dynamic scale, which begins at 65,536, handles ${dynamic.length} of ${underflows.length} of them.`),
    ]
      .filter(Boolean)
      .join(' '),
    plots: [
      {
        kind: 'lines',
        title: 'Held-out error after training, by how faint the loss is (median of seeds)',
        x: 'the loss is multiplied by',
        y: 'mean squared error',
        isLogX: true,
        isLogY: true,
        series: allWays.map((way) => ({
          name: way,
          points: levels
            .map(({ exponent }) => [2 ** exponent, median(heldOut(raw, way, exponent))] as const)
            .toReversed(),
        })),
      },
      {
        kind: 'lines',
        title: `Training error of the first seed, loss times ${powers([shown])}`,
        x: 'step',
        y: 'mean squared error',
        isLogY: true,
        series: raw.runs
          .filter(({ exponent, losses }) => exponent === shown.exponent && losses.length > 0)
          .map(({ way, losses }) => ({ name: way, points: smooth(losses) })),
      },
    ],
  }
}

const scaled = ['fp16, no scale', 'fp16, scale 128', 'fp16, dynamic scale'] as const
const allWays: readonly Way[] = ['fp32', ...scaled]

function levelsOf(raw: LossScaleRaw): Level[] {
  const exponents = [...new Set(raw.runs.map(({ exponent }) => exponent))].sort((a, b) => b - a)
  return exponents.map((exponent) => {
    const reference = heldOut(raw, 'fp32', exponent)
    const ratios = (way: Way): number[] =>
      heldOut(raw, way, exponent).map((error, at) => error / reference[at]!)
    return {
      exponent,
      ratios: Object.fromEntries(scaled.map((way) => [way, ratios(way)])) as unknown as Level['ratios'],
    }
  })
}

/** By seed, in one order for all ways. A run that ended with no number was lost. */
const heldOut = ({ runs }: LossScaleRaw, way: Way, exponent: number): number[] =>
  runsOf(runs, way, exponent).map((run) => run.heldOut ?? Number.POSITIVE_INFINITY)

const runsOf = (runs: readonly LossScaleRun[], way: Way, exponent: number): LossScaleRun[] =>
  runs.filter((run) => run.way === way && run.exponent === exponent).toSorted((a, b) => a.seed - b.seed)

const worst = ({ ratios }: Level, way: keyof Level['ratios']): string => Math.max(...ratios[way]).toFixed(2)

const zeros = ({ runs }: LossScaleRaw, { exponent }: Level, way: Way): string =>
  `${(100 * median(runsOf(runs, way, exponent).map(({ zeroShare }) => zeroShare))).toFixed(0)} %`

/** Nearly all gradients are zero without a scale, and no run was lost to a loss that is no number. */
const standsStill = ({ runs }: LossScaleRaw, { exponent }: Level): boolean =>
  runsOf(runs, 'fp16, no scale', exponent).every(
    ({ zeroShare, heldOut }) => zeroShare > 0.5 && heldOut !== null,
  )

const powers = (levels: readonly Level[]): string => levels.map(({ exponent }) => `2^${exponent}`).join(', ')

/** Every fifth step, as the mean of five. */
function smooth(losses: readonly (number | null)[]): [number, number][] {
  return Array.from({ length: Math.floor(losses.length / 5) }, (_, at) => {
    const own = losses.slice(5 * at, 5 * at + 5)
    return [5 * at + 3, own.reduce<number>((sum, loss) => sum + (loss ?? Number.NaN), 0) / own.length]
  })
}
