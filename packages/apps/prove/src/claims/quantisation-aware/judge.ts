/** Accuracy loss at eight bits, by seed. Pure. */

import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import { average, spread, standardError } from '../../trial/spread.ts'

/** Accuracies in percent of the test images. */
export interface QuantisedRound {
  readonly seed: number
  /** As learnt in fp32. */
  readonly fp32: number
  /** After as many steps more as `trained` had, in fp32. */
  readonly fp32More: number
  /** `fp32More`, rounded after training. */
  readonly rounded: number
  /** `fp32` after some steps more in which it was rounded. */
  readonly trained: number
  /** Bytes of the exported files. */
  readonly bytes: { readonly fp32: number; readonly int8: number }
}

export interface QuantisedRaw {
  readonly what: string
  readonly by: 'onnxruntime' | 'libtorch'
  readonly testRows: number
  readonly steps: number
  readonly moreSteps: number
  readonly rounds: readonly QuantisedRound[]
}

/** Percentage points. */
export const claimedLoss = 0.3

export function judgeQuantised({ rounds, ...raw }: QuantisedRaw, _mode: ClaimMode): Judgement {
  const of = (name: 'fp32' | 'fp32More' | 'rounded' | 'trained'): number[] =>
    rounds.map((round) => round[name])
  const against = (name: 'fp32' | 'fp32More'): number[] => rounds.map((round) => round[name] - round.trained)
  const lost = against('fp32More')
  const fromStart = against('fp32')
  const byRounding = rounds.map(({ fp32More, rounded }) => fp32More - rounded)
  const { bytes } = rounds[0]!
  const worst = Math.max(...lost)
  const verdict = verdictOf(lost, fromStart)
  const won = average(byRounding) - average(lost)
  const noise = standardError(rounds.map(({ trained, rounded }) => trained - rounded))
  return {
    verdict,
    measured: `${points(lost)} points lost on eight bits after training for them (${average(of('fp32More')).toFixed(2)} to ${average(of('trained')).toFixed(2)} %); ${points(byRounding)} by rounding alone`,
    conditions: `${raw.what}; ${raw.steps} steps of 64 in fp32, then ${raw.moreSteps} more, once in fp32 and once in fp32, bf16 and int8; weights and activations; ${raw.testRows} test images, judged by ${
      raw.by === 'onnxruntime'
        ? 'the exported file in onnxruntime'
        : 'libtorch on the values of the integers, since onnxruntime-node is not installed'
    }; ${rounds.length} seeds, ± deviation`,
    reason: [
      verdict === 'reproduced'
        ? `In the mean of ${rounds.length} seeds no more than ${claimedLoss} points are lost, beside as many steps in fp32${worst > claimedLoss ? `; single seeds lose up to ${worst.toFixed(2)}, which is how much two courses of training differ here` : ''}.`
        : verdict === 'partly'
          ? `Beside the weights that it began with, ${points(fromStart)} points are lost; beside as many steps more in fp32, ${points(lost)}, which is more than ${claimedLoss}.`
          : `${points(lost)} points are lost in the mean, which is more than ${claimedLoss}.`,
      Math.abs(won) > 2 * noise && noise > 0
        ? `Training for it ${won > 0 ? 'gives back' : 'costs'} ${Math.abs(won).toFixed(2)} points beside rounding after training.`
        : `Rounding after training loses about as much (the two differ by ${Math.abs(won).toFixed(2)} points, less than seeds do), so there was little to win back.`,
      `A file of ${(bytes.fp32 / 1024).toFixed(0)} KiB becomes one of ${(bytes.int8 / 1024).toFixed(0)}.`,
    ].join(' '),
    plots: [
      {
        kind: 'bars',
        title: 'Accuracy lost on eight bits after training for them, seed by seed',
        unit: 'points',
        bars: rounds.map(({ seed }, index) => ({ name: `seed ${seed}`, value: lost[index]! })),
        mark: { name: 'claimed', value: claimedLoss },
      },
      {
        kind: 'bars',
        title: `Accuracy on test images, mean of ${rounds.length} seeds`,
        unit: '%',
        bars: [
          { name: 'fp32', value: average(of('fp32')) },
          { name: 'fp32, as many steps more', value: average(of('fp32More')) },
          { name: 'rounded after training', value: average(of('rounded')) },
          { name: 'trained to be rounded', value: average(of('trained')) },
        ],
      },
    ],
  }
}

function verdictOf(lost: readonly number[], fromStart: readonly number[]): Verdict {
  if (average(lost) <= claimedLoss) return 'reproduced'
  return average(fromStart) <= claimedLoss ? 'partly' : 'not reproduced'
}

const points = (values: readonly number[]): string => spread(values)
