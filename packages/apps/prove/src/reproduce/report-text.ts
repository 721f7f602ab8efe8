/** The report for the terminal: claimed next to measured, the verdict, and beneath each claim why and under which conditions. */

import { formatMillis } from '@hadal/base'
import { recognise, type Style, say, translate, visibleLength, wrapText } from '@hadal/output'
import {
  type ClaimResult,
  machineText,
  otherLoad,
  outcomeOf,
  type ProveReport,
  summaryOf,
} from '../report/prove-report.ts'

/** From this many columns on, the cells of a claim are side by side. */
const wideColumns = 100
const maxColumns = 140
const gap = '  '

export function reportText(report: ProveReport, style: Style, columns: number): string {
  const width = Math.min(columns, maxColumns)
  const rows = report.results.map((result) =>
    width >= wideColumns ? wideRow(result, style, width) : narrowRow(result, style, width),
  )
  const head = width >= wideColumns && rows.length > 0 ? [wideHead(style, width)] : []
  return [...head, ...rows, foot(report, style, width)].join('\n\n')
}

export function outcomeText(result: ClaimResult, style: Style): string {
  const outcome = outcomeOf(result)
  const paint = {
    reproduced: style.green,
    partly: style.yellow,
    'not reproduced': style.red,
    'not here': style.dim,
    failed: style.red,
  }[outcome]
  return paint(translate(outcome))
}

/** The measurement, or why there is none, in one line. */
export const measuredText = ({ judgement, failure }: ClaimResult): string =>
  failure?.message ?? (judgement?.measured === '' ? '–' : (judgement?.measured ?? '–'))

const labelColumns = 12

function labelled(label: string, text: string, style: Style, width: number): string[] {
  if (text === '') return []
  return wrapText(text, width, ' '.repeat(labelColumns)).map((line, index) =>
    index === 0 ? style.dim(`  ${padded(label, labelColumns - 2)}`) + line.slice(labelColumns) : line,
  )
}

function narrowRow(result: ClaimResult, style: Style, width: number): string {
  return [
    beside(style.bold(recognise(result.title)), outcomeText(result, style), width),
    ...labelled(say`claimed`, recognise(result.claimed), style, width),
    ...labelled(say`measured`, measuredText(result), style, width),
    ...beneath(result, style, width),
  ].join('\n')
}

const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - visibleLength(text)))

/** Verdicts are right-aligned, one under the other; on a separate line if a title leaves no room. */
function beside(left: string, right: string, width: number): string {
  const room = width - visibleLength(left) - visibleLength(right)
  return room >= 2
    ? left + ' '.repeat(room) + right
    : `${left}\n${' '.repeat(width - visibleLength(right))}${right}`
}

const verdictColumns = 'not reproduced'.length

function cellColumns(width: number): readonly [number, number, number] {
  const room = width - verdictColumns - 3 * gap.length
  const [title, claimed] = [Math.floor(room * 0.3), Math.floor(room * 0.33)]
  return [title, claimed, room - title - claimed]
}

function wideHead(style: Style, width: number): string {
  const [title, claimed, measured] = cellColumns(width)
  const heads = [
    padded(say`claim`, title),
    padded(say`claimed`, claimed),
    padded(say`measured`, measured),
    say`verdict`,
  ]
  return style.dim(heads.join(gap))
}

function wideRow(result: ClaimResult, style: Style, width: number): string {
  const columns = cellColumns(width)
  const cells = [recognise(result.title), recognise(result.claimed), measuredText(result)].map(
    (text, index) => wrapText(text, columns[index]!),
  )
  const height = Math.max(...cells.map(({ length }) => length))
  const lines = Array.from({ length: height }, (_, line) => {
    const parts = cells.map((cell, index) => {
      const text = padded(cell[line] ?? '', columns[index]!)
      return index === 0 ? style.bold(text) : text
    })
    return [...parts, line === 0 ? outcomeText(result, style) : ''].join(gap).trimEnd()
  })
  return [...lines, ...beneath(result, style, width)].join('\n')
}

function beneath(result: ClaimResult, style: Style, width: number): string[] {
  const { judgement, failure, command, seconds } = result
  return [
    ...labelled(say`why`, judgement?.reason ?? '', style, width),
    ...labelled(say`how`, judgement?.conditions ?? '', style, width),
    ...(failure === undefined
      ? []
      : labelled(say`help`, `${failure.help} error[${failure.code}]`, style, width)),
    again(command, seconds, style, width),
  ]
}

/** To be copied: it stays on one line. */
function again(command: string, seconds: number | undefined, style: Style, width: number): string {
  const line = `  ${padded(say`rerun`, labelColumns - 2)}${command}`
  const took = seconds === undefined ? '' : ` (${formatMillis(seconds * 1000)})`
  return style.dim(line.length + took.length > width ? line : line + took)
}

function busyLines(report: ProveReport, width: number): string[] {
  const load = otherLoad(report)
  if (load === undefined) return []
  const { threads } = report.machine
  return wrapText(
    say`other processes were running (load average ${load} on ${threads} threads): timings are less reliable`,
    width,
  )
}

function foot(report: ProveReport, style: Style, width: number): string {
  const { hadal, commit, startedAt, mode, seed, seconds, machine, notReached } = report
  const at = startedAt.slice(0, 16).replace('T', ' ')
  const version = `hadal ${hadal}${commit === undefined ? '' : `, commit ${commit}`}`
  const about = `${version}, ${at} UTC, --${mode}, seed ${seed}, ${formatMillis(seconds * 1000)}`
  return [
    ...wrapText(style.bold(summaryOf(report, translate)), width),
    ...(notReached.length === 0
      ? []
      : wrapText(say`interrupted before: ${notReached.join(', ')}`, width).map(style.yellow)),
    ...busyLines(report, width).map(style.yellow),
    ...wrapText(machineText(machine), width).map(style.dim),
    ...wrapText(about, width).map(style.dim),
  ].join('\n')
}
