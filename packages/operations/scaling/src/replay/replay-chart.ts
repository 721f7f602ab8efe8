/** Engines over time alongside the work there was for them, in characters. Pure. */

import type { Style } from '@hadal/output'
import { say } from '@hadal/output'
import { axisTexts, roundTimes } from './round-times.ts'
import type { ThinnedPoint } from './thinned-replay.ts'

export interface ReplayChart {
  readonly points: readonly ThinnedPoint[]
  readonly sloMillis: number | undefined
  readonly timeText: (at: number) => string
}

/** Columns that stand left of the chart. */
export const chartMargin = 7

const maxRows = 8

/** One column per point. Load is marked in the row it reaches into; engines fill rows from the bottom. */
export function replayChart({ points, sloMillis, timeText }: ReplayChart, style: Style): string {
  const top = Math.ceil(points.reduce((most, { replicas, load }) => Math.max(most, replicas, load), 1))
  // Whole rows per engine if there are few engines.
  const rows = top <= maxRows ? top * Math.floor(maxRows / top) : maxRows
  const rowOf = (value: number): number => Math.ceil((value / top) * rows) - 1
  const lines = Array.from({ length: rows }, (_, index) => {
    const row = rows - 1 - index
    const cells = points.map(({ load, replicas }) => {
      if (load > 0 && rowOf(load) === row) return style.yellow('•')
      return replicas > 0 && rowOf(replicas) >= row ? style.cyan('░') : ' '
    })
    const reaches = ((row + 1) * top) / rows
    const isMarked = top <= maxRows ? Number.isInteger(reaches) : row === rows - 1 || row === rows / 2 - 1
    return `${(isMarked ? label(reaches) : '').padStart(chartMargin - 2)} ${cells.join('')}`.trimEnd()
  })
  const late = points.map(
    ({ latencyP99Millis }) => (latencyP99Millis ?? 0) > (sloMillis ?? Number.POSITIVE_INFINITY),
  )
  const lateLine = late.some(Boolean)
    ? [`${' '.repeat(chartMargin - 1)}${late.map((is) => (is ? style.red('!') : ' ')).join('')}`.trimEnd()]
    : []
  const legend = [
    say`${style.cyan('░')} engines`,
    say`${style.yellow('•')} load in engines`,
    ...(late.some(Boolean) ? [say`${style.red('!')} P99 above the SLO`] : []),
  ].join('   ')
  return [...lines, ...lateLine, timeLine(points, timeText), `${' '.repeat(chartMargin - 1)}${legend}`].join(
    '\n',
  )
}

/** In the five columns that there are for it. */
const label = (engines: number): string =>
  engines < 100
    ? String(engines)
    : engines < 1e5
      ? String(Math.round(engines))
      : engines < 1e7
        ? `${Math.round(engines / 1e3)}k`
        : `${Math.round(engines / 1e6)}M`

/** Names at whole hours, as many as have room. */
function timeLine(points: readonly ThinnedPoint[], timeText: (at: number) => string): string {
  let line = ''
  const named = roundTimes(
    points.map((point) => point.at),
    Math.floor(points.length / 12),
  )
  const texts = axisTexts(named.map(([, at]) => timeText(at)))
  for (const [index, [column]] of named.entries()) {
    const text = texts[index]!
    if (column + text.length <= points.length) line = line.padEnd(column) + text
  }
  return `${' '.repeat(chartMargin - 1)}${line}`.trimEnd()
}
