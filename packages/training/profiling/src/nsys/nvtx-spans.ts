/** The NVTX ranges of a report. Nanoseconds. */

import { rangeMeaning } from '../chrome/range-meaning.ts'
import { isKnown, type ReadSpan, threadLane, threadOf, timed } from './cuda-spans.ts'
import type { ReportTables } from './report-tables.ts'

/** Pushed and popped, so that those of a thread nest; also of text files (ENUM_NSYS_EVENT_TYPE). */
const nested: ReadonlySet<unknown> = new Set([59, 70])
/** Started and ended, anywhere. */
const free: ReadonlySet<unknown> = new Set([60, 71])

export function* ranges(tables: ReportTables, notes: string[]): Iterable<ReadSpan> {
  const name = 'NVTX_EVENTS'
  const reads = {
    start: { sql: '"start"', of: ['start'] },
    end: { sql: '"end"', of: ['end'] },
    text: { sql: '"text"', of: ['text'] },
    textId: { sql: '"textId"', of: ['textId'] },
    type: { sql: '"eventType"', of: ['eventType'] },
    ...threadOf,
  }
  const where = { sql: '"eventType" IN (59, 60, 70, 71)', of: ['eventType'] }
  for (const { row, start, end } of timed(
    tables.rows({ name, needs: ['start', 'end'], reads, where }),
    name,
    notes,
  )) {
    const text = typeof row.text === 'string' ? row.text : tables.string(row.textId)
    const isNested = nested.has(row.type)
    if (!isNested && !free.has(row.type) && row.type !== null) continue
    const [own, category] = rangeMeaning(text ?? 'a range without a name')
    const lane = isNested ? threadLane(row) : `ranges of ${threadLane(row)}`
    yield { name: own, start, end, lane, category, nested: isNested && isKnown(row) }
  }
}
