/** Writes the Chrome trace format, for Perfetto and chrome://tracing; `readChromeTrace` reads it back unchanged. */

import { memoryCategory } from '../categories.ts'
import type { Span, Trace } from '../trace.ts'

/** UTF-8 JSON; one line per span. Memory events with a total produce a memory graph. */
export function writeChromeTrace(trace: Trace): Uint8Array<ArrayBuffer> {
  const lanes = new Map<string, number>()
  for (const { lane } of trace.spans) if (!lanes.has(lane)) lanes.set(lane, lanes.size + 1)
  const rows: string[] = []
  for (const [lane, tid] of lanes)
    rows.push(JSON.stringify({ ph: 'M', name: 'thread_name', pid: 1, tid, args: { name: lane } }))
  for (const span of trace.spans) rows.push(...eventsOf(span, lanes.get(span.lane)!))
  const { durationMicros, notes = [] } = trace
  const own = JSON.stringify({ startsAtZero: true, durationMicros, notes })
  return Buffer.from(
    `{"displayTimeUnit":"ms","hadal":${own},"otherData":{"notes":${JSON.stringify(notes.join('; '))}},"traceEvents":[\n${rows.join(',\n')}\n]}\n`,
  ) as Uint8Array<ArrayBuffer>
}

function eventsOf({ name, category, startMicros, durationMicros, args }: Span, tid: number): string[] {
  const isInstant = category === memoryCategory && durationMicros === 0
  const event = {
    ph: isInstant ? 'i' : 'X',
    name,
    cat: category,
    ts: startMicros,
    ...(isInstant ? { s: 't' } : { dur: durationMicros }),
    pid: 1,
    tid,
    ...(args && { args }),
  }
  const total = args?.total
  if (!isInstant || typeof total !== 'number') return [JSON.stringify(event)]
  const graph = { ph: 'C', name: 'memory', ts: startMicros, pid: 1, args: { bytes: total } }
  return [JSON.stringify(event), JSON.stringify(graph)]
}
