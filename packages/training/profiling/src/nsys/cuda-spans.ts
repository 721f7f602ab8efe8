/** The CUDA tables of a report: runtime calls, kernels, copies. Nanoseconds. */

import type { ReportTables, Row, TableRead } from './report-tables.ts'

export interface ReadSpan {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly lane: string
  readonly category: string
  readonly args?: Readonly<Record<string, string | number>>
  /** Links a call to the work that it launched. */
  readonly correlation?: string
  /** Spans of its lane may lie in each other. */
  readonly nested?: boolean
}

const column = (name: string): TableRead['reads'][string] => ({ sql: `"${name}"`, of: [name] })
const times = { start: column('start'), end: column('end') }
/** Numbers of threads and processes are parts of ids too long for a number of JavaScript. */
export const threadOf = {
  thread: { sql: '"globalTid" % 16777216', of: ['globalTid'] },
  process: { sql: '"globalTid" / 16777216', of: ['globalTid'] },
} as const
const processOf = { process: { sql: '"globalPid" / 16777216', of: ['globalPid'] } } as const

export function* runtimeCalls(tables: ReportTables, notes: string[]): Iterable<ReadSpan> {
  const name = 'CUPTI_ACTIVITY_KIND_RUNTIME'
  const reads = { ...times, ...threadOf, nameId: column('nameId'), correlation: column('correlationId') }
  const rows = tables.rows({ name, needs: ['start', 'end'], reads })
  for (const { row, start, end } of timed(rows, name, notes)) {
    const call = tables.string(row.nameId)?.replace(/_v\d+$/, '') ?? `call ${textOf(row.nameId)}`
    yield {
      name: call,
      start,
      end,
      lane: threadLane(row),
      category: 'runtime',
      nested: isKnown(row),
      ...correlationOf(row),
    }
  }
}

export function* kernels(
  tables: ReportTables,
  notes: string[],
  calls: ReadonlyMap<string, ReadSpan>,
): Iterable<ReadSpan> {
  const name = 'CUPTI_ACTIVITY_KIND_KERNEL'
  const reads = {
    ...times,
    ...processOf,
    short: column('shortName'),
    demangled: column('demangledName'),
    device: column('deviceId'),
    stream: column('streamId'),
    correlation: column('correlationId'),
    grid: shape('grid'),
    block: shape('block'),
    registers: column('registersPerThread'),
  }
  const rows = tables.rows({ name, needs: ['start', 'end'], reads })
  for (const { row, start, end } of timed(rows, name, notes)) {
    const long = tables.string(row.demangled)
    const short = tables.string(row.short) ?? long
    yield {
      name: short ?? `kernel ${textOf(row.short ?? row.demangled)}`,
      start,
      end,
      lane: streamLane(row),
      category: 'kernel',
      args: {
        ...(long !== undefined && long !== short && { signature: long.slice(0, 400) }),
        ...textArg('grid', row.grid),
        ...textArg('block', row.block),
        ...numberArg('registers', row.registers),
        ...launchOf(row, start, calls),
      },
    }
  }
}

/** Copies, and memory that is set. */
export function* memoryWork(
  tables: ReportTables,
  notes: string[],
  calls: ReadonlyMap<string, ReadSpan>,
): Iterable<ReadSpan> {
  const reads = {
    ...times,
    ...processOf,
    device: column('deviceId'),
    stream: column('streamId'),
    correlation: column('correlationId'),
    bytes: column('bytes'),
    kind: column('copyKind'),
  }
  for (const table of ['CUPTI_ACTIVITY_KIND_MEMCPY', 'CUPTI_ACTIVITY_KIND_MEMSET']) {
    const isCopy = table.endsWith('MEMCPY')
    const rows = tables.rows({ name: table, needs: ['start', 'end'], reads })
    for (const { row, start, end } of timed(rows, table, notes))
      yield {
        name: isCopy ? `copy ${copyKinds[Number(row.kind)] ?? `of kind ${textOf(row.kind)}`}` : 'set memory',
        start,
        end,
        lane: streamLane(row),
        category: 'memcpy',
        args: { ...numberArg('bytes', row.bytes), ...launchOf(row, start, calls) },
      }
  }
}

/** CUpti_ActivityMemcpyKind. */
const copyKinds: Readonly<Record<number, string>> = {
  1: 'host to device',
  2: 'device to host',
  3: 'host to array',
  4: 'array to host',
  5: 'array to array',
  6: 'array to device',
  7: 'device to array',
  8: 'device to device',
  9: 'host to host',
  10: 'device to another',
}

/** Rows with valid times; the others are counted. */
export function* timed(
  rows: Iterable<Row>,
  table: string,
  notes: string[],
): Iterable<{ readonly row: Row; readonly start: number; readonly end: number }> {
  let bad = 0
  for (const row of rows) {
    const { start, end } = row
    if (isTime(start) && isTime(end) && end >= start) yield { row, start, end }
    else bad += 1
  }
  if (bad > 0)
    notes.push(`${bad} ${bad === 1 ? 'row' : 'rows'} of ${table} without usable times were left out`)
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const shape = (of: string): TableRead['reads'][string] => ({
  sql: `"${of}X" || ' x ' || "${of}Y" || ' x ' || "${of}Z"`,
  of: [`${of}X`, `${of}Y`, `${of}Z`],
})

/** Whether the row belongs to one thread. */
export const isKnown = ({ thread }: Row): boolean => typeof thread === 'number'

export const threadLane = ({ thread }: Row): string =>
  typeof thread === 'number' ? `thread ${thread}` : 'threads'

const streamLane = ({ device, stream }: Row): string =>
  `GPU ${textOf(device)}${typeof stream === 'number' ? ` stream ${stream}` : ''}`

const textOf = (value: unknown): string => (typeof value === 'number' ? String(value) : '?')

const textArg = (name: string, value: unknown): Record<string, string> =>
  typeof value === 'string' ? { [name]: value } : {}

const numberArg = (name: string, value: unknown): Record<string, number> =>
  isTime(value) ? { [name]: value } : {}

/** Processes number their calls each for itself. */
const keyOf = ({ process, correlation }: Row): string | undefined =>
  isTime(correlation) && correlation !== 0 ? `${textOf(process)}:${correlation}` : undefined

function correlationOf(row: Row): Pick<ReadSpan, 'correlation'> {
  const correlation = keyOf(row)
  return correlation === undefined ? {} : { correlation }
}

/** The launching call, and the time from it. */
function launchOf(
  row: Row,
  start: number,
  calls: ReadonlyMap<string, ReadSpan>,
): Record<string, string | number> {
  const key = keyOf(row)
  const call = key === undefined ? undefined : calls.get(key)
  if (call === undefined) return {}
  return { call: call.name, thread: call.lane, delayMicros: (start - call.start) / 1000 }
}
