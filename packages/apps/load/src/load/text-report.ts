/** A load report for the terminal: one table, and bars. */

import type { Style } from '@hadal/output'
import { formatTable, recognise, say } from '@hadal/output'
import type { LevelReport } from './level-report.ts'
import type { Load } from './load-level.ts'
import type { LoadReport } from './run-load.ts'
import type { Summary } from './statistics.ts'

export function describeLoad(load: Load): string {
  return load.kind === 'closed'
    ? `${load.concurrency} ${load.concurrency === 1 ? 'client' : 'clients'}`
    : `${load.requestsPerSecond} req/s`
}

/** Undefined for a whole report. */
export function describePartial({ partial, levels, plan }: LoadReport): string | undefined {
  const last = levels.at(-1)
  if (!partial || last === undefined) return undefined
  return `partial: stopped in level ${levels.length} of ${plan.loads.length} (${describeLoad(last.load)})`
}

export function textReport(report: LoadReport, style: Style): string {
  const { levels } = report
  const partial = describePartial(report)
  const heads = [
    say`load`,
    'req/s',
    'tokens/s',
    'TTFT p50',
    'p90',
    'p99',
    'ITL p50',
    'p99',
    'E2E p50',
    'p99',
    say`failed`,
  ]
  const rows = levels.map((level) => [
    recognise(describeLoad(level.load)),
    short(level.requestsPerSecond),
    style.bold(short(level.outputTokensPerSecond)),
    ...millis(level.ttftMillis, 'p50', 'p90', 'p99'),
    ...millis(level.itlMillis, 'p50', 'p99'),
    ...millis(level.e2eMillis, 'p50', 'p99'),
    level.failed === 0 ? '0' : style.red(String(level.failed)),
  ])
  const table = formatTable(
    [heads.map(style.dim), ...rows],
    heads.map((_, column) => (column === 0 ? 'left' : 'right')),
  )
  const parts = [
    `${table}\n${style.dim(say`times in milliseconds`)}`,
    bars(say`output tokens per second`, levels, (level) => level.outputTokensPerSecond, style),
    bars(say`time to first token, p99, ms`, levels, (level) => level.ttftMillis?.p99 ?? 0, style),
    levels.flatMap((level) => errorLine(level, style)).join('\n'),
    partial === undefined ? '' : style.red(recognise(partial)),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

const barWidth = 40
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

function bars(
  title: string,
  levels: readonly LevelReport[],
  read: (level: LevelReport) => number,
  style: Style,
): string {
  const most = Math.max(...levels.map(read), Number.MIN_VALUE)
  const rows = levels.map((level) => {
    const eighth = Math.round((read(level) / most) * barWidth * 8)
    const bar = '█'.repeat(Math.floor(eighth / 8)) + eighths[eighth % 8]
    return [recognise(describeLoad(level.load)), `${style.cyan(bar)} ${short(read(level))}`]
  })
  return `${style.dim(title)}\n${formatTable(rows, ['right', 'left'])}`
}

function errorLine(level: LevelReport, style: Style): string[] {
  if (level.failed === 0) return []
  const counts = Object.entries(level.errors).map(([code, count]) => `${count} ${code}`)
  return [style.red(`${recognise(describeLoad(level.load))}: ${counts.join(', ')}`)]
}

function millis(summary: Summary | undefined, ...names: readonly ('p50' | 'p90' | 'p99')[]): string[] {
  return names.map((name) => (summary === undefined ? '-' : short(summary[name])))
}

/** Three digits that matter. */
export function short(value: number): string {
  if (value >= 100 || value === 0) return String(Math.round(value))
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
