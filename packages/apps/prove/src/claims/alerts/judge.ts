/** Checks that alerts fired where they should and nowhere else. Pure. */

import type { Judgement, Plot } from '../../claim.ts'
import type { Case } from './made-cases.ts'

/** Without the series themselves: they can be made again from the seed. */
export interface Measured extends Omit<Case, 'series'> {
  readonly firesAtSeconds: readonly number[]
}

export interface Raw {
  readonly seed: number
  readonly latencyMillis: number
  readonly maxBacklog: number
  /** Absent if not installed. */
  readonly promtool?: string
  readonly cases: readonly Measured[]
}

export function judge(raw: Raw): Judgement {
  const { seed, latencyMillis, maxBacklog, promtool, cases } = raw
  const conditions = `the rules that \`hadal monitor\` and \`hadal deploy\` render for ${latencyMillis} ms and ${maxBacklog}, over ${cases.filter(({ kind }) => kind === 'made').length} made series (seed ${seed}) and ${cases.filter(({ kind }) => kind === 'live').length} of real servers, by promtool ${promtool ?? '(absent)'}`
  if (promtool === undefined)
    return {
      verdict: 'not here',
      measured: 'no promtool here',
      conditions,
      reason:
        'Rules are judged by promtool of Prometheus, and it is not installed: on Debian and Ubuntu `apt-get install prometheus`.',
      plots: [],
    }
  const limitOf = ({ alert }: Measured): number => (alert === 'HadalLatencyHigh' ? latencyMillis : maxBacklog)
  const counted = cases.filter(({ isUnclear = false }) => !isUnclear)
  const due = counted.filter((each) => each.truth > limitOf(each))
  const silent = counted.filter((each) => each.truth <= limitOf(each))
  const missed = due.filter(({ firesAtSeconds }) => firesAtSeconds.length === 0)
  const wrong = silent.filter(({ firesAtSeconds }) => firesAtSeconds.length > 0)
  const isAsClaimed = latencyMillis === 500 && maxBacklog === 10
  const faults = missed.length + wrong.length
  const isShown = due.length > 0 && silent.length > 0
  return {
    verdict:
      isShown && isAsClaimed && faults === 0
        ? 'reproduced'
        : isShown && faults <= counted.length / 20
          ? 'partly'
          : 'not reproduced',
    measured: `${due.length - missed.length} of ${due.length} above fired, ${wrong.length} of ${silent.length} at or below`,
    conditions,
    reason: reasonOf({ missed, wrong, isAsClaimed, left: cases.length - counted.length, counted, due }),
    plots: [
      byTruth(counted, 'HadalLatencyHigh', 'P99 in ms', latencyMillis),
      byTruth(counted, 'HadalBacklogHigh', 'requests that wait', maxBacklog),
    ],
  }
}

/** From when it was so until the first look at which it fires. */
function delays(due: readonly Measured[], alert: Measured['alert']): string {
  const seconds = due
    .filter((each) => each.alert === alert && each.firesAtSeconds.length > 0)
    .map(({ firesAtSeconds, sinceSeconds }) => firesAtSeconds[0]! - sinceSeconds)
  if (seconds.length === 0) return 'no time'
  const shown = (value: number): string => `${Math.floor(value / 60)}:${String(value % 60).padStart(2, '0')}`
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)]
  return least === most ? `${shown(least)} min` : `${shown(least)} to ${shown(most)} min`
}

interface Outcome {
  readonly missed: readonly Measured[]
  readonly wrong: readonly Measured[]
  readonly isAsClaimed: boolean
  readonly left: number
  readonly due: readonly Measured[]
  readonly counted: readonly Measured[]
}

function reasonOf({ missed, wrong, isAsClaimed, left, counted, due }: Outcome): string {
  const about = ({ alert, name, truth }: Measured): string =>
    `${alert} over "${name}" (truth ${round(truth)})`
  const faults = [
    ...(missed.length > 0 ? [`${missed.length} did not fire, first ${about(missed[0]!)}`] : []),
    ...(wrong.length > 0 ? [`${wrong.length} fired wrongly, first ${about(wrong[0]!)}`] : []),
  ]
  if (faults.length > 0) return `${faults.join('; ')}.`
  if (!isAsClaimed) return 'The rules are of other promises than those of the claim.'
  const live = counted.filter(({ kind }) => kind === 'live')
  const told = live.map(
    ({ alert, name, truth, firesAtSeconds }) =>
      `${name} (${round(truth)}${alert === 'HadalLatencyHigh' ? ' ms' : ' wait'}) ${firesAtSeconds.length > 0 ? 'fired' : 'did not'}`,
  )
  return `Each fired where P99 or backlog stayed above for 5 minutes, after ${delays(due, 'HadalLatencyHigh')} (P99) and ${delays(due, 'HadalBacklogHigh')} (backlog); what was over sooner did not.${live.length > 0 ? ` Of real servers: ${told.join(', ')}.` : ''}${left > 0 ? ` Clients of ${left} were on both sides of the limit: not judged.` : ''}`
}

const round = (value: number): string => String(Math.round(value))

function byTruth(cases: readonly Measured[], alert: Measured['alert'], x: string, limit: number): Plot {
  const own = cases.filter((each) => each.alert === alert && each.kind === 'made' && each.sinceSeconds === 0)
  const truths = [...new Set(own.map(({ truth }) => Math.round(truth)))].toSorted((a, b) => a - b)
  const points = truths.map((truth) => {
    const alike = own.filter((each) => Math.round(each.truth) === truth)
    const fired = alike.filter(({ firesAtSeconds }) => firesAtSeconds.length > 0)
    return [truth, (100 * fired.length) / alike.length] as const
  })
  return {
    kind: 'lines',
    title: `${alert}: fires by ${x}, above ${limit}`,
    x,
    y: '% of made series',
    series: [{ name: alert, points }],
  }
}
