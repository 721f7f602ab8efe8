/** Audit log under failures: full disks, locks, corruption, a killed process. Writers must not notice. */

import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createLogger, ManualClock } from '@hadal/base'
import { type Audit, type AuditEntry, openAudit } from '@hadal/guard'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'hadal-audit-'))
afterAll(() => rmSync(root, { recursive: true }))
let files = 0
const newPath = (): string => join(root, `${files++}.sqlite`)

const verdict: AuditEntry['verdict'] = {
  ...{ action: 'allow', role: 'user', language: 'en', findings: [], text: '', isNearMiss: false, micros: 1 },
  ...{ suspicion: {}, abstained: {}, failed: {}, timings: [] },
}
const entry = (number: number, text = 'hello'): AuditEntry => ({ requestId: String(number), verdict, text })
const numbersIn = async (audit: Audit) =>
  (await audit.read({ limit: 10_000 })).map(({ requestId }) => Number(requestId)).reverse()
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

function logged() {
  const lines: string[] = []
  const logger = createLogger((level, message, fields) =>
    lines.push(`${level}: ${message} ${JSON.stringify(fields)}`),
  )
  return { lines, logger }
}

describe('an audit', () => {
  it('keeps everything that was written, in order, and knows it again', async () => {
    const path = newPath()
    const clock = new ManualClock(5000)
    const audit = await openAudit(path, { retentionMillis: 1e9, clock, excerptCharacters: 4 })
    for (const number of upTo(3000)) audit.write(entry(number, `text ${number}`))
    expect(await numbersIn(audit)).toEqual(upTo(3000))
    await audit.close()
    await audit.close()
    audit.write(entry(1))
    expect(audit.dropped).toBe(1)
    await using again = await openAudit(path, { retentionMillis: 1e9, clock, readOnly: true })
    expect((await again.read({ limit: 1 }))[0]).toMatchObject({
      requestId: '2999',
      at: 5000,
      characters: 9,
      excerpt: 'text',
    })
  })

  it('forgets what is too old when it is opened, and what is too much while it is written', async () => {
    const path = newPath()
    const clock = new ManualClock(1e6)
    const audit = await openAudit(path, { retentionMillis: 1000, maxRows: 10, clock })
    for (const number of upTo(50)) audit.write(entry(number))
    expect(await numbersIn(audit)).toEqual(upTo(50).slice(40))
    await audit.close()
    clock.advance(1001)
    await using again = await openAudit(path, { retentionMillis: 1000, clock })
    expect(await numbersIn(again)).toEqual([])
  })

  it('forgets what is too old, also where nothing more is written', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const clock = new ManualClock(1e6)
    await using audit = await openAudit(newPath(), { retentionMillis: 1000, clock })
    audit.write(entry(1))
    await clock.advance(999)
    vi.advanceTimersByTime(3600_000)
    expect(await numbersIn(audit)).toEqual([1])
    await clock.advance(2)
    vi.advanceTimersByTime(3600_000)
    expect(await numbersIn(audit)).toEqual([])
  })

  it('does not block while another process locks the file, and loses no record', async () => {
    const path = newPath()
    const { lines, logger } = logged()
    await using audit = await openAudit(path, { retentionMillis: 1e9, logger })
    const other = new Sqlite(path)
    other.exec('begin immediate')
    for (const number of upTo(100)) audit.write(entry(number))
    await audit.flush()
    expect(lines).toEqual([
      expect.stringMatching(/^error: the guard’s audit cannot be written.*database is locked/),
    ])
    audit.write(entry(100))
    other.exec('commit')
    other.close()
    expect(await numbersIn(audit)).toEqual(upTo(101))
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^info: the guard’s audit is written again {"dropped":0}/)
    expect(audit.dropped).toBe(0)
  })

  it('counts dropped records, and reports them once', async () => {
    const path = newPath()
    const { lines, logger } = logged()
    const audit = await openAudit(path, { retentionMillis: 1e9, logger })
    const other = new Sqlite(path)
    other.exec('begin immediate')
    for (const number of upTo(10_500)) audit.write(entry(number))
    expect(audit.dropped).toBe(500)
    await audit.close()
    expect(audit.dropped).toBe(10_500)
    expect(lines.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'error: verdicts are missing',
      'error: the guard’s audit',
    ])
    other.close()
  })

  it('does not keep texts in memory without end', async () => {
    await using audit = await openAudit(newPath(), { retentionMillis: 1e9 })
    const text = 'x'.repeat(10 * 1024 * 1024)
    for (const number of upTo(5)) audit.write(entry(number, text))
    expect(audit.dropped).toBe(2)
    expect(await numbersIn(audit)).toEqual([0, 1, 2])
  })

  it('outlives a file that is damaged under it', async () => {
    const path = newPath()
    const { lines, logger } = logged()
    const audit = await openAudit(path, { retentionMillis: 1e9, logger })
    audit.write(entry(0))
    await audit.flush()
    for (const name of [path, `${path}-wal`]) writeFileSync(name, Buffer.alloc(20_000, 'no database '))
    for (const number of upTo(10)) audit.write(entry(number))
    await audit.flush()
    await audit.read().catch((error) => expect(error).toMatchObject({ code: 'guard_audit_unusable' }))
    await audit.close()
    expect(lines.length).toBeLessThanOrEqual(2)
    await expect(openAudit(path, { retentionMillis: 1 })).rejects.toMatchObject({
      code: 'guard_audit_unusable',
    })
  })

  it('that cannot be opened says so before anything is written', async () => {
    writeFileSync(join(root, 'file'), '')
    await expect(openAudit(join(root, 'file', 'audit.sqlite'), { retentionMillis: 1 })).rejects.toMatchObject(
      {
        code: 'guard_audit_unusable',
      },
    )
  })
})

it('a process that is killed while it writes loses nothing that was committed', async () => {
  const path = newPath()
  const program = fileURLToPath(new URL('audit-writer.ts', import.meta.url))
  const flags = ['--import', import.meta.resolve('tsx')]
  const writer = spawn(process.execPath, [...flags, program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let committed = -1
  for await (const line of createInterface({ input: writer.stdout })) {
    committed = Number(line)
    if (committed >= 500) writer.kill('SIGKILL')
  }
  expect(committed).toBeGreaterThanOrEqual(500)
  await using audit = await openAudit(path, { retentionMillis: 1e12 })
  const numbers = await numbersIn(audit)
  expect(numbers.length).toBeGreaterThan(committed)
  expect(numbers).toEqual(upTo(numbers.length))
})

/** A 1 MiB file system, where mounting is permitted. */
const small = join(root, 'small')
function mountSmall(): boolean {
  mkdirSync(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const isMounted = mountSmall()
afterAll(() => {
  if (isMounted) execFileSync('umount', [small])
})

it.skipIf(!isMounted)('a disk that is full for a while costs nothing but patience', async () => {
  const { lines, logger } = logged()
  await using audit = await openAudit(join(small, 'audit.sqlite'), { retentionMillis: 1e9, logger })
  audit.write(entry(0))
  await audit.flush()
  const filler = join(small, 'filler')
  for (const size of [4096, 1])
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(size))
    } catch {}
  for (let number = 1; number < 400; number++) audit.write(entry(number))
  await audit.flush()
  expect(lines).toEqual([expect.stringMatching(/cannot be written; verdicts are kept.*(full|I\/O)/)])
  rmSync(filler)
  expect(await numbersIn(audit)).toEqual(upTo(400))
  expect(audit.dropped).toBe(0)
})
