/** GPU out-of-memory messages of one kind, and their values as text. */

import { formatBytes } from '@hadal/base'
import type { Figures, LogLine, Sighting } from '@hadal/doctor'
import { kindOfOom, type OomKind, type OomReport, otherBytes, readOomReports } from './oom-report.ts'

const sizes = ['requested', 'total', 'free', 'inUse', 'allocated', 'unallocated', 'privatePools'] as const

/** Every figure that a report may have. */
export const oomFigures: readonly string[] = [...sizes, 'others', 'gpu', 'otherPid']

export const readOomsOf =
  (kind: OomKind) =>
  (lines: readonly LogLine[]): readonly Sighting[] =>
    readOomReports(lines)
      .filter(({ report }) => kindOfOom(report) === kind)
      .map(({ from, to, report }) => ({ from, to, figures: figuresOf(report) }))

function figuresOf(report: OomReport): Figures {
  const others = otherBytes(report)
  const [largest] = [...report.others].sort((a, b) => b.bytes - a.bytes)
  const known = sizes.flatMap((name) => {
    const bytes = report[name]
    return bytes === undefined ? [] : [[name, formatBytes(bytes)] as const]
  })
  return {
    ...Object.fromEntries(known),
    ...(others > 0 && { others: formatBytes(others) }),
    ...(report.gpu !== undefined && { gpu: report.gpu }),
    ...(largest && { otherPid: largest.pid }),
  }
}
