/** Memory and compute of the checkpointing modes. Pure. */

import { median } from '@hadal/base'
import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import { keptText } from '../../keep-freed.ts'
import type { CheckpointingRaw, CheckpointingRound, CheckpointingWay } from './measure.ts'

const claimedSaving = 0.75
const claimedCost = 0.2
/** Claims are rounded; deviations up to this are accepted. */
const savingTolerance = 0.01
const costTolerance = 0.02

interface Figures {
  readonly way: CheckpointingWay
  /** Shares of what everything kept holds: of activations, and of all that libtorch holds. */
  readonly saved: number
  readonly savedOfAll: number
  /** Processor time and operations, relative to keeping all activations. */
  readonly cost: number
  readonly operations: number | null
}

export function judgeCheckpointing(raw: CheckpointingRaw, _mode: ClaimMode): Judgement {
  const figures = raw.ways.flatMap((way) => figuresOf(raw, way) ?? [])
  const saving = figures.filter(({ saved }) => saved >= claimedSaving - savingTolerance)
  const quick = saving.filter(({ cost }) => isWithin(cost))
  // Time goes by the machine and what else it does: few operations have to bear it out.
  const both = quick.filter(({ operations }) => isWithin(operations ?? 0))
  const [best] = [...(both.length > 0 ? both : saving)].sort((a, b) => a.cost - b.cost)
  const shown = best ?? [...figures].sort((a, b) => b.saved - a.saved)[0]
  const alike = sameLosses(raw.ways)
  const rounds = raw.ways[0]?.rounds.length ?? 0
  const sound = shown !== undefined && alike
  return {
    verdict: sound ? verdictOf(saving.length, both.length) : 'not reproduced',
    measured: shown
      ? `${percent(-shown.saved)} of activations (${percent(-shown.savedOfAll)} of all), ${percent(shown.cost)} processor time${shown.operations === null ? '' : ` (${percent(shown.operations)} operations)`}`
      : 'nothing could be compared',
    conditions: `a Llama of ${raw.layers} layers of ${raw.width}, ${raw.windows} windows of ${raw.windowLength} tokens a step, ${precisionsOf(raw)}, one thread${keptText(raw.keepsFreed)}; ${shown?.way.name ?? 'no way'} against everything kept, ${rounds} rounds in turns; memory by libtorch’s counter`,
    reason: [
      both.length > 0
        ? 'Both figures hold at once.'
        : quick.length > 0
          ? `The memory is saved, and processor time is within what is claimed; the operations of a step are not (${percent(least(quick, ({ operations }) => operations ?? 0))} at the least).`
          : saving.length > 0
            ? `The memory is saved; the cheapest way to save that much costs ${percent(least(saving, ({ cost }) => cost))} here.`
            : 'No way that was tried saves that much.',
      otherWays(figures, shown),
      alike
        ? 'Losses are the same to the bit in every way.'
        : 'Losses differ between the ways, which they must not.',
      shown &&
        `What computing again can save is activations; weights, gradients and optimizer stay, so that all memory is ${percent(-shown.savedOfAll)} here and comes nearer to it with more tokens a step.`,
    ]
      .filter(Boolean)
      .join(' '),
    plots: [
      {
        kind: 'bars',
        title: 'Activations held, of those with everything kept',
        unit: '%',
        bars: figures.map(({ way, saved }) => ({ name: nameOf(raw, way), value: 100 * (1 - saved) })),
        mark: { name: 'claimed', value: 100 * (1 - claimedSaving) },
      },
      {
        kind: 'bars',
        title: 'Processor time of a step, above that with everything kept',
        unit: '%',
        bars: figures.map(({ way, cost }) => ({ name: nameOf(raw, way), value: 100 * cost })),
        mark: { name: 'claimed', value: 100 * claimedCost },
      },
    ],
  }
}

const isWithin = (cost: number): boolean => cost <= claimedCost + costTolerance

const least = (figures: readonly Figures[], of: (each: Figures) => number): number =>
  Math.min(...figures.map(of))

function verdictOf(saving: number, both: number): Verdict {
  if (both > 0) return 'reproduced'
  return saving > 0 ? 'partly' : 'not reproduced'
}

function figuresOf({ ways }: CheckpointingRaw, way: CheckpointingWay): Figures | undefined {
  const base = ways.find(({ precision, operations }) => precision === way.precision && operations === 1)
  if (!base || base === way) return undefined
  const share = (of: (round: CheckpointingRound) => number): number =>
    median(way.rounds.map(of)) / median(base.rounds.map(of))
  const ratios = way.rounds.map((round, at) => seconds(round) / seconds(base.rounds[at]!))
  return {
    way,
    saved: 1 - share(activations),
    savedOfAll: 1 - share(({ peakBytes }) => peakBytes),
    cost: median(ratios) - 1,
    operations: way.operations === null ? null : way.operations - 1,
  }
}

/** Everything at the peak that is neither state nor gradient. */
const activations = ({ peakBytes, stateBytes, gradientBytes }: CheckpointingRound): number =>
  peakBytes - stateBytes - gradientBytes

/** The least that a step took: others on the machine only add to it. */
const seconds = ({ secondsPerStep }: CheckpointingRound): number => Math.min(...secondsPerStep)

function sameLosses(ways: readonly CheckpointingWay[]): boolean {
  return ways.every((way) => {
    const first = ways.find(({ precision }) => precision === way.precision)!
    return way.rounds.every(({ losses }) => String(losses) === String(first.rounds[0]!.losses))
  })
}

function otherWays(figures: readonly Figures[], shown: Figures | undefined): string {
  const others = figures.filter((each) => each !== shown && each.way.precision === shown?.way.precision)
  const said = others.map(({ way, saved, cost }) => `${way.name} ${percent(-saved)} and ${percent(cost)}`)
  return said.length === 0 ? '' : `Beside it: ${said.join('; ')}.`
}

const precisionsOf = ({ ways }: CheckpointingRaw): string =>
  [...new Set(ways.map(({ precision }) => precision))].join(' and ')

const nameOf = ({ ways }: CheckpointingRaw, { precision, name }: CheckpointingWay): string =>
  new Set(ways.map((way) => way.precision)).size > 1 ? `${precision}, ${name}` : name

const percent = (share: number): string => `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(0)} %`
