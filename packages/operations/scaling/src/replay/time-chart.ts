/** Step and line charts over time as SVG. Colours come from the page's style sheet. */

import { escapeXml, niceCeiling } from '@hadal/output'
import { axisTexts, roundTimes } from './round-times.ts'

export interface TimeChart {
  readonly title: string
  /** Milliseconds of the epoch, one for each value. */
  readonly times: readonly number[]
  readonly timeText: (at: number) => string
  readonly series: readonly TimeSeries[]
  /** A line across, with its name. */
  readonly mark?: { readonly name: string; readonly value: number }
  /** An axis of counts has no fractional ticks. */
  readonly isCount?: boolean
  readonly format: (value: number) => string
}

export interface TimeSeries {
  readonly name: string
  readonly values: readonly (number | undefined)[]
  readonly look: 'steps' | 'line' | 'area'
  /** `s0` to `s3`. */
  readonly paint: string
}

const [width, height] = [960, 240]
const margin = { left: 56, right: 16, top: 12, bottom: 26 }

export function timeChart({
  title,
  times,
  timeText,
  series,
  mark,
  isCount = false,
  format,
}: TimeChart): string {
  const most = series
    .flatMap(({ values }) => values)
    .reduce<number>((top, each) => Math.max(top, each ?? 0), 0)
  const marks = axisMarks(Math.max(most, (mark?.value ?? 0) * 1.1), isCount)
  const top = marks.at(-1)!
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }
  const x = (index: number): number => fixed(margin.left + (inner.width * index) / Math.max(1, times.length))
  const y = (value: number): number => fixed(margin.top + inner.height * (1 - value / top))
  const rows = marks.map((value) => {
    const at = y(value)
    return `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}"/><text x="${margin.left - 8}" y="${at}" dy=".32em" text-anchor="end">${escapeXml(value === 0 ? '0' : format(value))}</text>`
  })
  const named = roundTimes(times, 9)
  const texts = axisTexts(named.map(([, at]) => timeText(at)))
  const names = named.map(([place], index) => {
    const anchor = place === 0 ? 'start' : 'middle'
    return `<line class="grid" x1="${x(place)}" x2="${x(place)}" y1="${margin.top}" y2="${height - margin.bottom}"/><text x="${x(place)}" y="${height - 8}" text-anchor="${anchor}">${escapeXml(texts[index]!)}</text>`
  })
  const drawn = series.map(({ name, values, look, paint }) => {
    const parts = runsOf(values).map((run) => pathOf(run, look, x, y))
    const kind = look === 'area' ? 'area' : 'line'
    return `<path class="${paint} ${kind}" d="${parts.join('')}"><title>${escapeXml(name)}</title></path>`
  })
  const line =
    mark === undefined
      ? ''
      : `<line class="mark" x1="${margin.left}" x2="${width - margin.right}" y1="${y(mark.value)}" y2="${y(mark.value)}"/><text x="${width - margin.right}" y="${y(mark.value) - 5}" text-anchor="end">${escapeXml(mark.name)}</text>`
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">${rows.join('')}${names.join('')}${drawn.join('')}${line}</svg>`
}

/** From 0 to the least round number that is not below; of things that are counted at whole numbers. */
export function axisMarks(most: number, isCount: boolean): readonly number[] {
  const top = niceCeiling(most)
  if (!isCount) return [0, 0.25, 0.5, 0.75, 1].map((part) => part * top)
  const apart = Math.max(1, Math.ceil(niceCeiling(top / 4)))
  return Array.from({ length: Math.max(1, Math.ceil(most / apart)) + 1 }, (_, index) => index * apart)
}

type Run = readonly { readonly index: number; readonly value: number }[]

/** Runs between gaps. */
function runsOf(values: readonly (number | undefined)[]): readonly Run[] {
  const runs: { index: number; value: number }[][] = []
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue
    if (index === 0 || values[index - 1] === undefined) runs.push([])
    runs.at(-1)!.push({ index, value })
  }
  return runs
}

function pathOf(
  run: Run,
  look: TimeSeries['look'],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  const first = run[0]!
  const end = x(run.at(-1)!.index + 1)
  if (look === 'steps') return `M${x(first.index)} ${y(first.value)}${stepsOf(run, x, y)}H${end}`
  const line = run.map(({ index, value }) => `L${x(index)} ${y(value)}`).join('')
  if (look === 'line') return `M${line.slice(1)}H${end}`
  return `M${x(first.index)} ${y(0)}${line}L${end} ${y(run.at(-1)!.value)}V${y(0)}Z`
}

/** Only where something changes. */
function stepsOf(run: Run, x: (index: number) => number, y: (value: number) => number): string {
  return run
    .flatMap(({ index, value }, at) =>
      at > 0 && value !== run[at - 1]!.value ? [`H${x(index)}V${y(value)}`] : [],
    )
    .join('')
}

const fixed = (value: number): number => Math.round(value * 10) / 10
