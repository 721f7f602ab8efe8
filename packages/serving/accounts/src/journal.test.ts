import fs, { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, silentLogger } from '@hadal/base'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Journal } from './journal.ts'
import { readUsageLine, type UsageEvent, usageLine } from './usage-event.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const event = (id: string): UsageEvent => ({
  id,
  request: 'r',
  key: 'k',
  model: 'nano',
  at: 1_700_000_000_000,
  promptTokens: 1,
  cachedTokens: 0,
  completionTokens: 2,
  costMicros: 3,
})
const files = () => readdirSync(folder).filter((name) => name.startsWith('usage-'))
const collect = (into: string[]) => async (events: readonly UsageEvent[]) =>
  void into.push(...events.map(({ id }) => id))

describe('a journal', () => {
  it('has on disk what was appended, at once, and hands it on in order and once', async () => {
    using journal = new Journal(folder, silentLogger)
    for (const id of ['a', 'b', 'c']) journal.append(event(id))
    expect(readFileSync(join(folder, files()[0]!), 'utf8').trim().split('\n')).toHaveLength(3)
    expect(journal.backlog).toBe(3)
    const got: string[] = []
    await journal.flush(collect(got))
    await journal.flush(collect(got))
    expect(got).toEqual(['a', 'b', 'c'])
    expect([files(), journal.backlog]).toEqual([[], 0])
  })

  it('keeps what could not be written, and takes more meanwhile', async () => {
    using journal = new Journal(folder, silentLogger)
    journal.append(event('a'))
    const failing = async () => {
      journal.append(event('b'))
      throw new Error('away')
    }
    await expect(journal.flush(failing)).rejects.toThrow('away')
    await expect(journal.flush(failing)).rejects.toThrow('away')
    expect(journal.backlog).toBe(3)
    const got: string[] = []
    await journal.flush(collect(got))
    expect(got).toEqual(['a', 'b', 'b'])
  })

  it('does not lose the next event when a full disk takes a part of a line', async () => {
    using journal = new Journal(folder, silentLogger)
    journal.append(event('a'))
    const { writeSync } = fs
    const write = vi.spyOn(fs, 'writeSync')
    write.mockImplementationOnce((file) => writeSync(file, '["1.2","r'))
    write.mockImplementationOnce(() => {
      throw new Error('ENOSPC')
    })
    syncBuiltinESMExports()
    journal.append(event('b'))
    write.mockRestore()
    syncBuiltinESMExports()
    journal.append(event('c'))
    const got: string[] = []
    await journal.flush(collect(got))
    expect(got.sort()).toEqual(['a', 'b', 'c'])
  })

  it('names a folder that cannot be written', () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    expect(() => new Journal(path, silentLogger)).toThrow(
      expect.objectContaining({ code: 'journal_unwritable' }),
    )
  })

  it('goes on where a killed process was, in files of its own', async () => {
    const line = usageLine(event('old'))
    writeFileSync(join(folder, 'usage-000000000041.jsonl'), line + usageLine(event('cut')).slice(0, -5))
    const said: string[] = []
    using journal = new Journal(
      folder,
      createLogger((level, message) => void said.push(`${level} ${message}`)),
    )
    journal.append(event('new'))
    expect(files()).toEqual(['usage-000000000041.jsonl', 'usage-000000000042.jsonl'])
    const got: string[] = []
    await journal.flush(collect(got))
    expect(got).toEqual(['old', 'new'])
    expect(said).toEqual(['warn the last line of the journal was cut short'])
  })

  it('keeps in memory what the disk does not take', async () => {
    using journal = new Journal(folder, silentLogger)
    rmSync(folder, { recursive: true })
    journal.append(event('a'))
    expect(journal.backlog).toBe(1)
    const got: string[] = []
    await journal.flush(collect(got))
    expect([got, journal.backlog]).toEqual([['a'], 0])
  })

  it('begins a new file when one is large', async () => {
    using journal = new Journal(folder, silentLogger)
    const long = { ...event('x'), model: 'm'.repeat(250) }
    for (let count = 0; count < 4000; count += 1) journal.append({ ...long, id: `x${count}` })
    expect(files().length).toBeGreaterThan(1)
    const got: string[] = []
    await journal.flush(collect(got))
    expect(new Set(got).size).toBe(4000)
  })

  it('has the same owner after a restart, and is let go of when it ends', () => {
    const first = new Journal(folder, silentLogger)
    expect(() => new Journal(folder, silentLogger)).toThrow(
      expect.objectContaining({ code: 'journal_in_use' }),
    )
    first[Symbol.dispose]()
    using second = new Journal(folder, silentLogger)
    expect(second.owner).toBe(first.owner)
  })

  it('is not held by a process that was killed, even where another has its number now', () => {
    appendFileSync(join(folder, 'lock'), `${process.ppid} 1`)
    using _ = new Journal(folder, silentLogger)
  })
})

describe('lines', () => {
  it('say what was used, whatever is in the names', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.nat(),
        (request, model, count) => {
          const given = { ...event('a'), request, model, promptTokens: count }
          const line = usageLine(given)
          expect(line.indexOf('\n')).toBe(line.length - 1)
          expect(readUsageLine(line.slice(0, -1))).toEqual(given)
        },
      ),
    )
  })

  it('that were cut anywhere, or are anything else, are none', () => {
    const line = usageLine(event('a')).trimEnd()
    for (let length = 0; length < line.length; length += 1)
      expect(readUsageLine(line.slice(0, length))).toBeUndefined()
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(readUsageLine(text)).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(
        fc.nat(8),
        fc.oneof(fc.constant(null), fc.double(), fc.integer({ max: -1 }), fc.object()),
        (at, value) => {
          fc.pre(!(at >= 4 && Number.isSafeInteger(value) && (value as number) >= 0))
          const fields = JSON.parse(line)
          fields[at] = value
          expect(readUsageLine(JSON.stringify(fields))).toBeUndefined()
        },
      ),
    )
  })
})
