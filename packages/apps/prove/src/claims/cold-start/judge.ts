/** Latency reduction of the first request. Pure. */

import { median } from '@hadal/base'
import type { Judgement, Verdict } from '../../claim.ts'
import { quartileRatio } from '../../quartile-ratio.ts'

/** Fields of one start from `hadal bench coldstart --json`. */
export interface Start {
  /** From sending the first request to its first text. */
  readonly firstRequestMillis: number
  /** From the spawn of the process. */
  readonly readyMillis: number
  readonly firstTokenMillis: number
  readonly promptTokens: number
  readonly cachedTokens: number
}

export interface Raw {
  readonly model: string
  readonly systemPromptTokens: number
  readonly starts: { readonly off: readonly Start[]; readonly on: readonly Start[] }
}

const claimedRatio = 350 / 1200
/** Tolerance on the claimed remainder: rounds on a shared machine vary this much. */
const tolerance = 0.1

export function judge({ model, systemPromptTokens, starts: { off, on } }: Raw): Judgement {
  const of = (starts: readonly Start[], read: (start: Start) => number): number => median(starts.map(read))
  const first = { off: of(off, firstRequest), on: of(on, firstRequest) }
  const ratio = first.on / first.off
  const toToken = { off: of(off, firstToken), on: of(on, firstToken) }
  const rounds = off.map((start, at) => on[at]!.firstRequestMillis / start.firstRequestMillis)
  const isUnclear = quartileRatio(rounds) > 1 / claimedRatio
  const restored = of(on, ({ cachedTokens }) => cachedTokens)
  return {
    verdict: verdictOf(ratio, isUnclear),
    measured: `first request ${ms(first.off)} to ${ms(first.on)}, ${change(ratio)} (medians of ${off.length} starts each)`,
    conditions: `\`hadal serve\` of the bundled model ${model}, killed and started again: \`--preload false\` against \`--preload true --snapshot-dir\`, first request with a system prompt of ${systemPromptTokens} tokens that earlier lives knew`,
    reason: `${isUnclear ? 'Rounds differ by more than what is claimed, so this machine was too busy to tell' : verdictText(ratio)} (rounds ${change(Math.max(...rounds))} to ${change(Math.min(...rounds))}): ${restored.toFixed(0)} of ${of(on, ({ promptTokens }) => promptTokens).toFixed(0)} tokens are restored instead of computed. From the spawn to the first token it is ${ms(toToken.off)} and ${ms(toToken.on)} (${change(toToken.on / toToken.off)}): part of the work only comes earlier. Only the share is compared, since the model here is small.`,
    plots: [
      {
        kind: 'bars',
        title: 'First request after a start',
        unit: 'ms',
        bars: [
          { name: 'claimed, off', value: 1200 },
          { name: 'claimed, on', value: 350 },
          { name: 'here, off', value: first.off },
          { name: 'here, on', value: first.on },
        ],
      },
      {
        kind: 'lines',
        title: 'First request, start by start',
        x: 'round',
        y: 'ms',
        series: [
          { name: 'everything off', points: off.map((start, at) => [at + 1, start.firstRequestMillis]) },
          { name: 'everything on', points: on.map((start, at) => [at + 1, start.firstRequestMillis]) },
        ],
      },
    ],
  }
}

const firstRequest = ({ firstRequestMillis }: Start): number => firstRequestMillis
const firstToken = ({ firstTokenMillis }: Start): number => firstTokenMillis

function verdictOf(ratio: number, isUnclear: boolean): Verdict {
  if (isUnclear) return 'partly'
  if (ratio <= claimedRatio * (1 + tolerance)) return 'reproduced'
  return ratio < 0.9 ? 'partly' : 'not reproduced'
}

function verdictText(ratio: number): string {
  if (ratio <= claimedRatio) return 'As much less as claimed, or more'
  if (ratio <= claimedRatio * (1 + tolerance)) return 'As much less as claimed, within a tenth'
  if (ratio < 0.9) return 'Less, and not by as much as claimed'
  return ratio > 1 ? 'Not less' : 'Hardly less'
}

const ms = (value: number): string => `${value.toFixed(0)} ms`
const change = (ratio: number): string =>
  `${ratio <= 1 ? '-' : '+'}${(Math.abs(1 - ratio) * 100).toFixed(0)} %`
