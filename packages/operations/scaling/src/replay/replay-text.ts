/** Renders a replay as text: results per scaler, the decisions of the service's own scaler, and a chart. */

import { formatMillis } from '@hadal/base'
import type { Replay, Workload } from '@hadal/fleet'
import type { Style } from '@hadal/output'
import { formatTable, say, wrapText } from '@hadal/output'
import { chartMargin, replayChart } from './replay-chart.ts'
import { thinned } from './thinned-replay.ts'

export interface ReplayReport {
  readonly workload: Workload
  readonly about: string | undefined
  /** The service's own first. */
  readonly replays: readonly Replay[]
  readonly assumptions: readonly string[]
  readonly sloMillis: number
  /** The SLO is the default: then latency is no reason to scale. */
  readonly isSloDefault: boolean
}

/** `changes`: maximum number of changes shown. */
export function replayText(report: ReplayReport, style: Style, columns: number, changes: number): string {
  const { workload, about, replays, assumptions, sloMillis } = report
  const time = timeTextOf(workload)
  const own = replays[0]!
  const notes = [
    `${[overText(report), ...assumptions].join('; ')}. Times are UTC.`,
    ...workload.notes.map((note) => say`Note: ${note}.`),
  ]
  return [
    ...wrapText(titleOf(workload), columns).map(style.bold),
    ...(about === undefined ? [] : wrapText(about, columns)),
    '',
    replayTable(replays, style),
    '',
    replayChart({ points: thinned(own, workload, columns - chartMargin), sloMillis, timeText: time }, style),
    '',
    ...changeLines(own, time, style, columns, changes),
    '',
    ...notes.flatMap((note) => wrapText(note, columns)).map(style.dim),
  ].join('\n')
}

export function overText({
  sloMillis,
  isSloDefault,
}: Pick<ReplayReport, 'sloMillis' | 'isSloDefault'>): string {
  const why = isSloDefault
    ? 'the default of slo.latencyMillis, which does not trigger scaling'
    : 'slo.latencyMillis'
  return `over: share of the time with requests whose P99 is above ${formatMillis(sloMillis)} (${why})`
}

export function titleOf({ title, load, stepMillis }: Workload): string {
  const most = load.reduce((top, each) => Math.max(top, each), 0)
  const length = formatDays(load.length * stepMillis)
  return `${title}: ${length} in steps of ${formatMillis(stepMillis)}, peak load of ${short(most)} engines`
}

export const summaryHeads: readonly string[] = [
  'scaler',
  'engine-hours',
  'over',
  'refused',
  'busy',
  'up, down',
  'taken back',
  'engines',
]

/** Values of each scaler, under `summaryHeads`. */
export function summaryCells({ scaler, summary }: Replay): readonly string[] {
  return [
    scaler,
    short(summary.engineHours),
    percent(summary.overSloShare),
    percent(summary.refusedShare),
    percent(summary.utilisation),
    `${summary.ups}, ${summary.downs}`,
    String(summary.takenBack),
    summary.least === summary.most ? String(summary.most) : `${summary.least} to ${summary.most}`,
  ]
}

function replayTable(replays: readonly Replay[], style: Style): string {
  const [head, ...rows] = formatTable(
    [summaryHeads, ...replays.map(summaryCells)],
    ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  ).split('\n')
  return [style.dim(head!), ...rows].join('\n')
}

function changeLines(
  { changes, scaler, summary }: Replay,
  time: (at: number) => string,
  style: Style,
  columns: number,
  most: number,
): string[] {
  if (changes.length === 0)
    return [
      say`${scaler} would not have scaled: ${summary.most} ${summary.most === 1 ? say`engine` : say`engines`} throughout.`,
    ]
  const lines = changes.slice(0, most).flatMap(({ at, from, to, text }) => {
    const when = time(at)
    const paint = to > from ? style.yellow : style.green
    const [first, ...more] = wrapText(say`${from} to ${to}: ${text}`, columns - when.length - 4)
    const head = first!.replace(/^\d+ to \d+:/, (numbers) => paint(numbers))
    const indent = ' '.repeat(when.length + 4)
    return [`  ${style.bold(when)}  ${head}`, ...more.map((line) => indent + line)]
  })
  const rest = changes.length - most
  return [
    say`${scaler} would have scaled at:`,
    ...lines,
    ...(rest > 0 ? [style.dim(say`  and ${rest} more: --changes ${changes.length} shows all`)] : []),
  ]
}

/** With weekday and day of the month for more than one day. */
export function timeTextOf({ load, stepMillis }: Workload): (at: number) => string {
  const isLong = load.length * stepMillis > 86_400_000
  return (at) => {
    const iso = new Date(at).toISOString()
    return isLong
      ? `${weekdays[new Date(at).getUTCDay()]} ${iso.slice(8, 10)} ${iso.slice(11, 16)}`
      : iso.slice(11, 16)
  }
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

function formatDays(millis: number): string {
  const days = millis / 86_400_000
  if (days >= 2) return `${short(days)} days`
  return millis === 86_400_000 ? '24 hours' : formatMillis(millis)
}

export function percent(share: number): string {
  if (share === 0) return '0'
  const value = share * 100
  return `${value < 0.01 ? '<0.01' : value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} %`
}

export function short(value: number): string {
  if (value >= 1000) return String(Math.round(value))
  return String(Number(value.toPrecision(3)))
}
