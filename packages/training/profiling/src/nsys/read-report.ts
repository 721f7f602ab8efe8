/**
 * Converts an SQLite export of an Nsight Systems report to a trace: kernels and copies on stream lanes, CUDA runtime calls and NVTX
 * ranges on thread lanes.
 */

import { messageOf } from '@hadal/base'
import type { Database } from 'better-sqlite3'
import { packLanes } from '../pack-lanes.ts'
import { type Span, type Trace, traceOf } from '../trace.ts'
import { kernels, memoryWork, type ReadSpan, runtimeCalls } from './cuda-spans.ts'
import { nsysReaderMissing, nsysReportUnreadable } from './errors.ts'
import { ranges } from './nvtx-spans.ts'
import { ReportTables } from './report-tables.ts'

export interface ReportLimits {
  /** Default: 2 million. */
  readonly maxSpans?: number
}

/** Throws `nsys_reader_missing` and `nsys_report_unreadable`. */
export async function readNsysReport(
  path: string,
  { maxSpans = 2_000_000 }: ReportLimits = {},
): Promise<Trace> {
  const { default: Sqlite } = await import('better-sqlite3').catch((cause: unknown) => {
    throw nsysReaderMissing(messageOf(cause)).with({ cause })
  })
  let database: Database | undefined
  try {
    database = new Sqlite(path, { readonly: true, fileMustExist: true })
    const notes: string[] = []
    const read = spansOf(new ReportTables(database, notes), notes, maxSpans)
    if (read.length === 0) throw new Error(notes.at(-1) ?? 'nothing was recorded')
    return traceOf(inMicros(read), notes)
  } catch (cause) {
    throw nsysReportUnreadable(path, messageOf(cause)).with({ cause })
  } finally {
    database?.close()
  }
}

function spansOf(tables: ReportTables, notes: string[], maxSpans: number): ReadSpan[] {
  const found: ReadSpan[] = []
  let leftOut = 0
  const add = (spans: Iterable<ReadSpan>): ReadSpan[] => {
    const own: ReadSpan[] = []
    for (const span of spans)
      if (found.length < maxSpans) {
        found.push(span)
        own.push(span)
      } else leftOut += 1
    return own
  }
  const calls = new Map<string, ReadSpan>()
  for (const call of add(runtimeCalls(tables, notes)))
    if (call.correlation !== undefined) calls.set(call.correlation, call)
  add(kernels(tables, notes, calls))
  add(memoryWork(tables, notes, calls))
  add(ranges(tables, notes))
  const { missing } = tables
  if (missing.length > 0) notes.push(`the report has no ${missing.join(', no ')}: they were not recorded`)
  if (leftOut > 0) notes.push(`${leftOut} spans beyond the first ${maxSpans} were left out`)
  return found
}

/** From the first of them on. What overlaps on a lane, as kernels of graphs do, gets another alongside it. */
function inMicros(read: readonly ReadSpan[]): Span[] {
  let first = Number.POSITIVE_INFINITY
  for (const { start } of read) first = Math.min(first, start)
  const byLane = new Map<string, ReadSpan[]>()
  for (const span of read) {
    const own = byLane.get(span.lane) ?? []
    byLane.set(span.lane, own)
    own.push(span)
  }
  return [...byLane].flatMap(([name, spans]) => {
    const nests = spans.some(({ nested }) => nested === true)
    const lanes = nests
      ? spans.map(() => 0)
      : packLanes(spans.map(({ start, end }) => ({ from: start, to: end })))
    return spans.map(({ start, end, name: own, category, args }, at): Span => {
      const lane = lanes[at]! === 0 ? name : `${name} (${lanes[at]! + 1})`
      const startMicros = (start - first) / 1000
      const durationMicros = (end - start) / 1000
      return { name: own, startMicros, durationMicros, lane, category, ...(args && { args }) }
    })
  })
}
