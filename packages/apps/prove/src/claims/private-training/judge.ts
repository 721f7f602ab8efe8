/** Accuracy cost of privacy, from paired accuracies by seed. Pure. */

import type { Judgement } from '../../claim.ts'
import { average, deviation, spread } from '../../trial/spread.ts'

export interface PrivateRaw {
  readonly what: string
  readonly rows: number
  readonly testRows: number
  readonly features: number
  readonly delta: number
  readonly accountant: string
  readonly rounds: readonly PrivateRound[]
}

export interface PrivateRound {
  readonly seed: number
  /** Percent of the test rows. */
  readonly private: number
  readonly plain: number
  /** Spent by the private one. */
  readonly epsilon: number
}

/** Percentage points, and the budget. */
export const claimed = { lost: 2, epsilon: 3 } as const

/** A loss of more than this many times the claimed one is no longer near it. */
const near = 2

export function judgePrivate({ rounds, ...raw }: PrivateRaw): Judgement {
  const lost = rounds.map(({ plain, private: own }) => plain - own)
  const mean = average(lost)
  const worst = Math.max(...lost)
  const spent = Math.max(...rounds.map(({ epsilon }) => epsilon))
  const within = lost.filter((each) => each <= claimed.lost).length
  const kept = spent <= claimed.epsilon
  const each = lost.map((points) => points.toFixed(2)).join(', ')
  const measured = `${spread(lost)} points lost at epsilon ${spent.toFixed(2)} (${spread(rounds.map((round) => round.plain))} % without, ${spread(rounds.map((round) => round.private))} % with)`
  const verdict = !kept
    ? 'not reproduced'
    : mean <= claimed.lost
      ? within === rounds.length
        ? 'reproduced'
        : 'partly'
      : mean <= near * claimed.lost
        ? 'partly'
        : 'not reproduced'
  const how =
    mean <= claimed.lost
      ? within === rounds.length
        ? `Every one of ${rounds.length} seeds loses at most ${claimed.lost} points (the most is ${worst.toFixed(2)}).`
        : `${claimed.lost} points are kept in the mean, and by ${within} of ${rounds.length} seeds (${each}).`
      : `The mean is ${(mean - claimed.lost).toFixed(2)} points above the ${claimed.lost} that are claimed (${each}).`
  return {
    verdict,
    measured,
    conditions: `${raw.what}; ${raw.rows} rows, delta ${raw.delta.toPrecision(2)}, ${raw.accountant.toUpperCase()} accountant; a linear classifier of ${raw.features} scattering features, beside the same without privacy; ${rounds.length} seeds, ± deviation`,
    reason: kept
      ? `${how} What it costs goes by the number of rows (noise is the same for few as for many) and by what is trained: here a linear classifier on features that know no row, beside its own plain twin. A network that learns its features knows more and loses more.`
      : `The budget was overspent: epsilon ${spent.toFixed(3)}.`,
    plots: [
      {
        kind: 'bars',
        title: 'Accuracy lost by privacy, seed by seed',
        unit: 'points',
        bars: rounds.map(({ seed }, index) => ({ name: `seed ${seed}`, value: lost[index]! })),
        mark: { name: 'claimed at most', value: claimed.lost },
      },
      {
        kind: 'bars',
        title: `Accuracy, mean of ${rounds.length} seeds (deviations ${deviation(rounds.map((round) => round.plain)).toFixed(2)} and ${deviation(rounds.map((round) => round.private)).toFixed(2)})`,
        unit: '%',
        bars: [
          { name: 'without privacy', value: average(rounds.map((round) => round.plain)) },
          { name: `epsilon ${claimed.epsilon}`, value: average(rounds.map((round) => round.private)) },
        ],
      },
    ],
  }
}
