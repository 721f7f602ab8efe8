import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Trace } from '../trace.ts'
import { readNsysReport } from './read-report.ts'

/** As versions of 2024 and 2025 write them, without unused columns. */
const schema: Readonly<Record<string, string>> = {
  StringIds: 'id INTEGER NOT NULL PRIMARY KEY, value TEXT NOT NULL',
  CUPTI_ACTIVITY_KIND_RUNTIME:
    'start INTEGER NOT NULL, end INTEGER NOT NULL, eventClass INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL, returnValue INTEGER NOT NULL, callchainId INTEGER',
  CUPTI_ACTIVITY_KIND_KERNEL:
    'start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER NOT NULL, shortName INTEGER NOT NULL, registersPerThread INTEGER NOT NULL, gridX INTEGER NOT NULL, gridY INTEGER NOT NULL, gridZ INTEGER NOT NULL, blockX INTEGER NOT NULL, blockY INTEGER NOT NULL, blockZ INTEGER NOT NULL',
  CUPTI_ACTIVITY_KIND_MEMCPY:
    'start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, bytes INTEGER NOT NULL, copyKind INTEGER NOT NULL',
  CUPTI_ACTIVITY_KIND_MEMSET:
    'start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, value INTEGER NOT NULL, bytes INTEGER NOT NULL',
  NVTX_EVENTS:
    'start INTEGER NOT NULL, end INTEGER, eventType INTEGER NOT NULL, rangeId INTEGER, category INTEGER, color INTEGER, text TEXT, globalTid INTEGER, endGlobalTid INTEGER, textId INTEGER, domainId INTEGER',
}

const process = 2n ** 48n + 4242n * 2n ** 24n
const thread = process + 77n
type Rows = Readonly<Record<string, readonly (readonly unknown[])[]>>

/** Two launches of a step, a copy, memory that is set; times in nanoseconds from 1,000,000 on. */
const full: Rows = {
  StringIds: [
    [1, 'cudaLaunchKernel_v7000'],
    [2, 'cudaMemcpyAsync_v3020'],
    [3, 'gemm'],
    [4, 'void gemm<float, 128>(float*, float*)'],
    [5, 'phase:forward'],
  ],
  CUPTI_ACTIVITY_KIND_RUNTIME: [
    [1_001_000, 1_003_000, 0, thread, 11, 1, 0, null],
    [1_004_000, 1_005_000, 0, thread, 12, 2, 0, null],
  ],
  CUPTI_ACTIVITY_KIND_KERNEL: [
    [1_010_000, 1_030_000, 0, 1, 7, 11, process, 4, 3, 32, 8, 1, 1, 128, 2, 1],
    // Work of a graph, concurrent with the first; no call launched it.
    [1_020_000, 1_040_000, 0, 1, 7, 0, process, 4, 3, 32, 8, 1, 1, 128, 2, 1],
  ],
  CUPTI_ACTIVITY_KIND_MEMCPY: [[1_041_000, 1_042_000, 0, 1, 7, 12, process, 4096, 1]],
  CUPTI_ACTIVITY_KIND_MEMSET: [[1_043_000, 1_044_000, 1, 1, 3, 99, process, 0, 64]],
  NVTX_EVENTS: [
    [1_000_000, 1_050_000, 59, null, null, null, 'ProfilerStep#7', thread, null, null, 0],
    [1_000_500, 1_006_000, 59, null, null, null, null, thread, null, 5, 0],
    [1_002_000, 1_060_000, 60, 1, null, null, 'loading', thread, thread, null, 0],
    [1_010_000, 1_070_000, 60, 2, null, null, 'loading', thread, thread, null, 0],
    // A mark, and a domain.
    [1_001_000, null, 34, null, null, null, 'mark', thread, null, null, 0],
    [1_000_000, null, 75, null, null, null, 'domain', thread, null, null, 1],
  ],
}

function report(rows: Rows, tables: Readonly<Record<string, string>> = schema): string {
  const folder = mkdtempSync(join(tmpdir(), 'nsys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'report.sqlite')
  const database = new Sqlite(path)
  for (const [name, columns] of Object.entries(tables)) {
    database.exec(`CREATE TABLE ${name} (${columns})`)
    for (const row of rows[name] ?? [])
      database.prepare(`INSERT INTO ${name} VALUES (${row.map(() => '?').join(', ')})`).run(...row)
  }
  database.close()
  return path
}

const brief = ({ spans }: Trace) =>
  spans.map(({ name, category, lane, startMicros, durationMicros }) => [
    name,
    category,
    lane,
    startMicros,
    durationMicros,
  ])

describe('a report of Nsight Systems', () => {
  it('becomes kernels, copies, calls and ranges', async () => {
    const trace = await readNsysReport(report(full))
    expect(brief(trace)).toEqual([
      ['step 7', 'step', 'thread 77', 0, 50],
      ['forward', 'phase', 'thread 77', 0.5, 5.5],
      ['cudaLaunchKernel', 'runtime', 'thread 77', 1, 2],
      ['loading', 'range', 'ranges of thread 77', 2, 58],
      ['cudaMemcpyAsync', 'runtime', 'thread 77', 4, 1],
      ['loading', 'range', 'ranges of thread 77 (2)', 10, 60],
      ['gemm', 'kernel', 'GPU 0 stream 7', 10, 20],
      ['gemm', 'kernel', 'GPU 0 stream 7 (2)', 20, 20],
      ['copy host to device', 'memcpy', 'GPU 0 stream 7', 41, 1],
      ['set memory', 'memcpy', 'GPU 1 stream 3', 43, 1],
    ])
    expect(trace.durationMicros).toBe(70)
    expect(trace.notes).toBeUndefined()
    const args = trace.spans.map((span) => span.args)
    expect(args[6]).toEqual({
      signature: 'void gemm<float, 128>(float*, float*)',
      grid: '8 x 1 x 1',
      block: '128 x 2 x 1',
      registers: 32,
      call: 'cudaLaunchKernel',
      thread: 'thread 77',
      delayMicros: 9,
    })
    expect(args[7]).not.toHaveProperty('call')
    expect(args[8]).toEqual({ bytes: 4096, call: 'cudaMemcpyAsync', thread: 'thread 77', delayMicros: 37 })
    expect(args[9]).toEqual({ bytes: 64 })
  })

  it.each(Object.keys(schema))('may lack %s', async (missing) => {
    const { [missing]: _, ...tables } = schema
    const trace = await readNsysReport(report(full, tables))
    expect(trace.notes).toEqual([expect.stringContaining(missing)])
    if (missing === 'StringIds')
      expect(trace.spans.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['step 7', 'call 1', 'kernel 3', 'a range without a name']),
      )
    if (missing === 'CUPTI_ACTIVITY_KIND_RUNTIME')
      expect(trace.spans.find(({ category }) => category === 'kernel')!.args).not.toHaveProperty('call')
    if (missing === 'CUPTI_ACTIVITY_KIND_KERNEL')
      expect(trace.spans.some(({ category }) => category === 'kernel')).toBe(false)
  })

  it('may lack all of them but one', async () => {
    const { NVTX_EVENTS } = schema
    const trace = await readNsysReport(report(full, { NVTX_EVENTS: NVTX_EVENTS! }))
    expect(trace.spans).toHaveLength(4)
    expect(trace.notes!.at(-1)).toBe(
      'the report has no CUPTI_ACTIVITY_KIND_RUNTIME, no CUPTI_ACTIVITY_KIND_KERNEL, no CUPTI_ACTIVITY_KIND_MEMCPY, no CUPTI_ACTIVITY_KIND_MEMSET: they were not recorded',
    )
  })

  it('may have fewer columns than it has today', async () => {
    const trace = await readNsysReport(
      report(
        {
          CUPTI_ACTIVITY_KIND_KERNEL: [[1000, 3000]],
          CUPTI_ACTIVITY_KIND_RUNTIME: [
            [500, 900],
            [700, 1200],
          ],
          NVTX_EVENTS: [[0, 'x']],
        },
        {
          CUPTI_ACTIVITY_KIND_KERNEL: 'start INTEGER, end INTEGER',
          CUPTI_ACTIVITY_KIND_RUNTIME: 'start INTEGER, end INTEGER',
          NVTX_EVENTS: 'start INTEGER, text TEXT',
        },
      ),
    )
    expect(brief(trace)).toEqual([
      ['call ?', 'runtime', 'threads', 0, 0.4],
      ['call ?', 'runtime', 'threads (2)', 0.2, 0.5],
      ['kernel ?', 'kernel', 'GPU ?', 0.5, 2],
    ])
    expect(trace.notes).toContain('the table NVTX_EVENTS has no column end and was left out')
  })

  it('leaves out rows whose times are none, and says how many', async () => {
    const loose = { ...schema, NVTX_EVENTS: 'start, end, eventType, text, globalTid, textId' }
    const trace = await readNsysReport(
      report(
        {
          ...full,
          NVTX_EVENTS: [
            ['soon', 5, 59, 'a', 1, null],
            [5, 'late', 59, 'b', 1, null],
            [9, 5, 59, 'c', 1, null],
            [5, null, 59, 'never ends', 1, null],
            [Buffer.from([1]), 7, 59, 'd', 1, null],
            [1_000_000, 1_001_000, 59, Buffer.from('bytes'), 'thread', 'text'],
          ],
        },
        loose,
      ),
    )
    expect(trace.notes).toEqual(['5 rows of NVTX_EVENTS without usable times were left out'])
    expect(trace.spans.filter(({ category }) => category === 'range').map(({ name }) => name)).toEqual([
      'a range without a name',
    ])
  })

  it('takes numbers as large as SQLite has them', async () => {
    const most = 2n ** 63n - 1n
    const trace = await readNsysReport(
      report({
        ...full,
        CUPTI_ACTIVITY_KIND_KERNEL: [
          [0, most, most, most, most, most, most, most, most, most, most, most, most, most, most, most],
          [-most, 5, -1, 0, -5, 1, process, 3, 3, 1, 1, 1, 1, 1, 1, 1],
        ],
      }),
    )
    for (const { startMicros, durationMicros } of trace.spans) {
      expect(startMicros).toBeGreaterThanOrEqual(0)
      expect(Number.isFinite(durationMicros)).toBe(true)
    }
    expect(trace.spans.filter(({ category }) => category === 'kernel')).toHaveLength(2)
  })

  it('is read up to a limit', async () => {
    const trace = await readNsysReport(report(full), { maxSpans: 4 })
    expect(trace.spans).toHaveLength(4)
    expect(trace.notes).toEqual(['6 spans beyond the first 4 were left out'])
  })

  it('is refused where it is none, or holds nothing', async () => {
    const refused = (path: string) =>
      expect(readNsysReport(path)).rejects.toMatchObject({ code: 'nsys_report_unreadable' })
    await refused('/nowhere/report.sqlite')
    const text = report({})
    writeFileSync(text, 'this is no database, and long enough to be looked at as one'.repeat(100))
    await refused(text)
    await expect(readNsysReport(report({}, {}))).rejects.toThrow('no CUPTI_ACTIVITY_KIND_RUNTIME')
    await refused(report({}))
    await refused(tmpdir())
  })

  it('is read as far as it goes, or refused, wherever it is cut or damaged', async () => {
    const path = report(full)
    const bytes = readFileSync(path)
    const issue = fc.oneof(
      fc.record({ cut: fc.nat(bytes.length - 1) }),
      fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) }),
      fc.record({ at: fc.nat(99), to: fc.nat(255) }),
    )
    await fc.assert(
      fc.asyncProperty(issue, async (drawn) => {
        const damaged = 'cut' in drawn ? bytes.subarray(0, drawn.cut) : Buffer.from(bytes)
        if ('at' in drawn) damaged[drawn.at] = drawn.to
        writeFileSync(path, damaged)
        const found = await readNsysReport(path).catch((error: { code?: string }) => error.code)
        if (typeof found !== 'object') expect(found).toBe('nsys_report_unreadable')
        else for (const { durationMicros } of found.spans) expect(durationMicros).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 150 },
    )
  })

  it('needs the package that reads it', async () => {
    vi.doMock('better-sqlite3', () => {
      throw new Error('not installed')
    })
    onTestFinished(() => void vi.doUnmock('better-sqlite3'))
    vi.resetModules()
    const { readNsysReport: read } = await import('./read-report.ts')
    await expect(read(report(full))).rejects.toMatchObject({
      code: 'nsys_reader_missing',
      help: expect.stringContaining('npm install better-sqlite3'),
    })
  })
})
