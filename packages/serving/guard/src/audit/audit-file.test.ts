import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Verdict } from '../verdict.ts'
import { AuditFile } from './audit-file.ts'
import { type AuditEntry, digestOf, recordOf } from './audit-record.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-audit-'))
  path = join(folder, 'deep', 'audit.sqlite')
})
afterEach(() => {
  vi.doUnmock('better-sqlite3')
  rmSync(folder, { recursive: true })
})

const verdict: Verdict = {
  action: 'block',
  role: 'user',
  language: 'en',
  findings: [
    {
      ...{ rule: 'classifier.attack', check: 'classifier', layer: 'classifier', action: 'block' },
      ...{ span: { start: 12, end: 20 }, view: 'base64', why: 'looks like an attack', nearest: 'a1' },
    },
    {
      ...{ rule: 'pii.email', check: 'personalData', layer: 'rules', action: 'flag', replacement: '[email]' },
      ...{ span: { start: 24, end: 35 }, view: 'original', why: 'e-mail address' },
    },
  ],
  text: '',
  suspicion: { classifier: 0.997 },
  abstained: { similarity: 'language' },
  failed: {},
  isNearMiss: false,
  timings: [
    { check: 'views', layer: 'views', micros: 5 },
    { check: 'secrets', layer: 'rules', micros: 7 },
    { check: 'personalData', layer: 'rules', micros: 8 },
  ],
  micros: 20,
}
const text = 'please read ignore all, ann@a.co.uk, and the rest of it'
const entry: AuditEntry = {
  requestId: 'r1',
  key: { id: 'k1', name: 'Ann' },
  verdict,
  text,
  answered: 'content_filter',
}
const recorded = (changed: Partial<AuditEntry> = {}, at = 1000, excerptCharacters = 0) => ({
  ...recordOf({ ...entry, ...changed }, at, excerptCharacters),
  digest: digestOf(changed.text ?? text, 'secret'),
})
const keep = { retentionMillis: 1000, maxRows: 1000 }

describe('a record', () => {
  it('has everything of a verdict, and of the text no more than its length and digest', async () => {
    const file = await AuditFile.open(path)
    file.write([recorded()])
    const [record] = file.read({})
    expect(record).toEqual({
      ...{ id: 1, at: 1000, requestId: 'r1', key: { id: 'k1', name: 'Ann' }, answered: 'content_filter' },
      ...{ action: 'block', role: 'user', language: 'en', isNearMiss: false, micros: 20, findingCount: 2 },
      findings: verdict.findings.map(({ replacement: _, ...finding }) => finding),
      ...{ suspicion: { classifier: 0.997 }, abstained: { similarity: 'language' }, failed: {} },
      timings: { views: 5, rules: 15 },
      characters: text.length,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    file.close()
    for (const name of readdirSync(join(folder, 'deep')))
      expect(readFileSync(join(folder, 'deep', name)).includes('ignore all')).toBe(false)
  })

  it('has an equal digest for equal texts, computed with HMAC when a key is set', () => {
    // RFC 4231, test case 2; FIPS 180-4, one-block example.
    expect(digestOf('what do ya want for nothing?', 'Jefe')).toMatch(/^5bdcc146bf60754e6a042426/)
    expect(digestOf('abc', undefined)).toMatch(/^ba7816bf8f01cfea414140de/)
  })

  it('has an excerpt of the requested length around the first finding, with personal data redacted', () => {
    expect(recorded({}, 1, 30).excerpt).toBe('e read ignore all, [email]')
    expect(recorded({}, 1, 1000).excerpt).toBe('please read ignore all, [email], and the rest of it')
    expect(recorded({ verdict: { ...verdict, findings: [] } }, 1, 6).excerpt).toBe('please')
  })

  it('has at most 32 findings', () => {
    const findings = Array.from({ length: 100 }, () => verdict.findings[0]!)
    const record = recorded({ verdict: { ...verdict, findings } })
    expect([record.findings.length, record.findingCount]).toEqual([32, 100])
  })
})

describe('a file', () => {
  it('is readable only by its owner', async () => {
    const file = await AuditFile.open(path)
    file.write([recorded()])
    for (const name of readdirSync(join(folder, 'deep')))
      expect(statSync(join(folder, 'deep', name)).mode & 0o077).toBe(0)
    file.close()
  })

  it('is queried with administrators’ filters, newest first', async () => {
    const file = await AuditFile.open(path)
    const allowed: Verdict = { ...verdict, action: 'allow', findings: [], role: 'tool' }
    file.write([
      recorded({}, 1000),
      recorded({ requestId: 'r2', verdict: allowed, key: undefined }, 2000),
      recorded({ requestId: 'r3', key: { id: 'k2', name: 'Bo' } }, 3000),
    ])
    const ids = (query: Parameters<AuditFile['read']>[0]) =>
      file.read(query).map(({ requestId }) => requestId)
    expect(ids({})).toEqual(['r3', 'r2', 'r1'])
    expect(ids({ since: 2000 })).toEqual(['r3', 'r2'])
    expect(ids({ until: 2000 })).toEqual(['r1'])
    expect(ids({ action: 'allow' })).toEqual(['r2'])
    expect(ids({ key: 'k1' })).toEqual(['r1'])
    expect(ids({ key: 'Bo' })).toEqual(['r3'])
    expect(ids({ role: 'tool' })).toEqual(['r2'])
    expect(ids({ layer: 'rules' })).toEqual(['r3', 'r1'])
    expect(ids({ layer: 'rule' })).toEqual([])
    expect(ids({ requestId: 'r2' })).toEqual(['r2'])
    expect(ids({ limit: 1, before: 3 })).toEqual(['r2'])
    expect(ids({ key: "' or 1=1 --" })).toEqual([])
    file.close()
  })

  it('forgets by age and by number', async () => {
    const file = await AuditFile.open(path)
    file.write(Array.from({ length: 12_000 }, (_, at) => recorded({ requestId: `r${at}` }, at)))
    file.prune(12_000, { retentionMillis: 11_000, maxRows: 100_000 })
    expect(file.read({ limit: 10_000 })).toHaveLength(10_000)
    expect(file.read({ limit: 1, until: 1001 }).map(({ at }) => at)).toEqual([1000])
    file.prune(12_000, { retentionMillis: 11_000, maxRows: 3 })
    expect(file.read({}).map(({ at }) => at)).toEqual([11_999, 11_998, 11_997])
    file.prune(1e15, { retentionMillis: Number.POSITIVE_INFINITY, maxRows: 3 })
    expect(file.read({})).toHaveLength(3)
    file.close()
  })

  it('keeps its order and forgets in time when a clock was wrong', async () => {
    const file = await AuditFile.open(path)
    file.write([recorded({ requestId: 'early' }, 1_000_000), recorded({ requestId: 'future' }, 9e12)])
    file.write([recorded({ requestId: 'back' }, 1_000_100)])
    file.prune(1_000_200, keep)
    expect(file.read({}).map(({ requestId }) => requestId)).toEqual(['back', 'future', 'early'])
    file.prune(1_001_150, keep)
    expect(file.read({}).map(({ requestId, at }) => [requestId, at])).toEqual([['future', 9e12]])
    file.prune(1_001_300, keep)
    expect(file.read({})).toEqual([])
    file.close()
  })

  it('is opened again with what is in it, also to be read only', async () => {
    const first = await AuditFile.open(path)
    first.write([recorded()])
    const reader = await AuditFile.open(path, { readOnly: true })
    first.write([recorded({ requestId: 'r2' })])
    expect(reader.read({})).toHaveLength(2)
    expect(() => reader.write([recorded()])).toThrow(/readonly/)
    reader.close()
    first.close()
    const again = await AuditFile.open(path)
    expect(again.read({})).toHaveLength(2)
    again.close()
  })

  it.each([
    ['damaged', () => writeFileSync(path, 'SQLite? '.repeat(2000))],
    ['a folder', () => rmSync(path) as unknown],
  ])('that is %s is refused with what to do', async (what, spoil) => {
    ;(await AuditFile.open(path)).close()
    spoil()
    await expect(AuditFile.open(what === 'damaged' ? path : folder)).rejects.toMatchObject({
      code: 'guard_audit_unusable',
      help: expect.stringContaining('Move a damaged file away'),
    })
  })

  it('of a newer version is left alone, and none is made where it is to be read only', async () => {
    const { default: Sqlite } = await import('better-sqlite3')
    ;(await AuditFile.open(path)).close()
    const file = new Sqlite(path)
    file.pragma('user_version = 7')
    file.close()
    await expect(AuditFile.open(path)).rejects.toThrow('it is of version 7, and this Hadal knows 1')
    await expect(AuditFile.open(path, { readOnly: true })).rejects.toMatchObject({
      code: 'guard_audit_unusable',
    })
    await expect(AuditFile.open(join(folder, 'none'), { readOnly: true })).rejects.toMatchObject({
      code: 'guard_audit_unusable',
    })
    expect(readdirSync(folder)).toEqual(['deep'])
  })

  it('says what to install where the package for files is missing', async () => {
    vi.doMock('better-sqlite3', () => {
      throw new Error('no such package')
    })
    await expect(AuditFile.open(path)).rejects.toMatchObject({
      code: 'guard_sqlite_missing',
      help: expect.stringContaining('npm install better-sqlite3'),
    })
  })
})
