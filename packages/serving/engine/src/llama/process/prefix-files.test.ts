import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PrefixFiles } from './prefix-files.ts'

let folder: string
let issues: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-prefixes-'))
  issues = []
  writeFileSync(join(folder, 'model'), 'weights')
})
afterEach(() => rmSync(folder, { recursive: true }))

const files = (settings: readonly (string | number)[] = ['a'], maxBytes = 10_000): Promise<PrefixFiles> =>
  PrefixFiles.open(
    join(folder, 'kept'),
    { modelPaths: [join(folder, 'model')], settings },
    maxBytes,
    (what) => issues.push(what),
  )
const prefix = (length: number, from = 0) => ({
  tokens: Array.from({ length }, (_, at) => from + at),
  bytes: Buffer.alloc(length * 3, from),
})
const stored = (): string[] =>
  readdirSync(join(folder, 'kept'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.kv'))
    .map((name) => join(folder, 'kept', name))

describe('PrefixFiles', () => {
  it('gives back what it was given', async () => {
    await (await files()).save(prefix(5))
    await (await files()).save(prefix(5))
    expect(await (await files()).load()).toEqual([prefix(5)])
    expect(stored()).toHaveLength(1)
  })

  it('serves only the model and the settings that it was made with', async () => {
    await (await files()).save(prefix(5))
    expect(await (await files(['b'])).load()).toEqual([])
    writeFileSync(join(folder, 'model'), 'weightz')
    expect(await (await files()).load()).toEqual([])
  })

  it('gives back nothing that is not whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100), fc.boolean(), fc.integer({ min: 1, max: 255 }), async (at, cut, flip) => {
        rmSync(join(folder, 'kept'), { recursive: true, force: true })
        await (await files()).save(prefix(5))
        const [path] = stored()
        const bytes = readFileSync(path!)
        const where = at % bytes.length
        if (cut) truncateSync(path!, where)
        else {
          bytes[where]! ^= flip
          writeFileSync(path!, bytes)
        }
        issues = []
        expect(await (await files()).load()).toEqual([])
        expect(issues).toEqual([expect.stringContaining('damaged')])
        expect(stored()).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  it('keeps those that were used last, as many as there is room for', async () => {
    const kept = await files(['a'], 400)
    for (const from of [1, 2, 3, 4]) {
      await kept.save(prefix(10, from))
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    expect((await kept.load()).map(({ tokens }) => tokens[0])).toEqual([4, 3, 2])
  })

  it('goes on without a disk', async () => {
    mkdirSync(join(folder, 'kept'))
    const kept = await files()
    rmSync(join(folder, 'kept'), { recursive: true })
    writeFileSync(join(folder, 'kept'), 'no folder')
    await kept.save(prefix(5))
    expect(issues).toEqual([expect.stringContaining('cannot save a prefix')])
    expect(await kept.load()).toEqual([])
  })

  it('passes over what cannot be read', async () => {
    await (await files()).save(prefix(5))
    await (await files()).save(prefix(6, 1))
    const [path] = stored()
    rmSync(path!)
    mkdirSync(path!)
    const dangling = path!.replace(/\w+\.kv$/, 'dangling.kv')
    symlinkSync(join(folder, 'nowhere'), dangling)
    expect(await (await files()).load()).toHaveLength(1)
    await (await files()).save(prefix(7, 2))
    expect(issues).toEqual([])
  })

  it('removes what a process left unfinished that died long ago', async () => {
    await (await files()).save(prefix(5))
    const [path] = stored()
    const [old, fresh] = [`${path}.0.tmp`, `${path}.1.tmp`]
    for (const each of [old, fresh]) writeFileSync(each, 'half')
    utimesSync(old, new Date(0), new Date(0))
    await (await files()).load()
    expect([existsSync(old), existsSync(fresh)]).toEqual([false, true])
  })
})
