import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../test/eventually.ts'
import { settledChanges, watchFiles } from './watch-files.ts'

const onPosix = it.skipIf(process.platform === 'win32')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-watch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const looks = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries))

it('a change counts when it has come to rest, and only of files that were watched before', () => {
  const known = looks({ a: '1', b: '1' })
  expect(settledChanges(known, known, known)).toEqual([])
  expect(settledChanges(known, known, looks({ a: '2', b: '1' }))).toBeUndefined()
  expect(settledChanges(known, looks({ a: '2', b: '1' }), looks({ a: '3', b: '1' }))).toBeUndefined()
  expect(settledChanges(known, looks({ a: '3', b: '1' }), looks({ a: '3', b: '1' }))).toEqual(['a'])
  // Back to the original content, as after an editor's rename.
  expect(settledChanges(known, looks({ a: 'absent', b: '1' }), known)).toBeUndefined()
  expect(settledChanges(known, known, looks({ a: '1', b: '1', c: '9' }))).toEqual([])
  expect(settledChanges(known, looks({ a: '1' }), looks({ a: '1' }))).toEqual([])
})

describe('files are seen to change', () => {
  /** What changes from when this returns on counts. */
  const watching = (file: string): string[][] => {
    const seen: string[][] = []
    const watch = watchFiles({
      files: () => [file],
      onChange: (changed) => seen.push([...changed]),
      pollMillis: 20,
    })
    onTestFinished(() => watch[Symbol.dispose]())
    return seen
  }
  const once = (seen: string[][], file: string): Promise<void> =>
    eventually(() => expect(seen).toEqual([[file]]))

  it('when they are written', async () => {
    const file = join(folder, 'a.json')
    writeFileSync(file, '1')
    const seen = watching(file)
    // A different size: with coarse file times, both writes may have the same mtime.
    writeFileSync(file, 'two')
    await once(seen, file)
  })

  it('when another takes their place', async () => {
    const file = join(folder, 'a.json')
    writeFileSync(file, '1')
    const seen = watching(file)
    writeFileSync(`${file}.new`, '2')
    renameSync(`${file}.new`, file)
    await once(seen, file)
  })

  it('when they appear', async () => {
    const file = join(folder, 'a.json')
    const seen = watching(file)
    writeFileSync(file, '1')
    await once(seen, file)
  })

  onPosix('when the folder that a link leads to is exchanged, as Kubernetes does it', async () => {
    for (const version of ['..1', '..2']) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'a.json'), version)
    }
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync(join('..data', 'a.json'), join(folder, 'a.json'))
    const file = join(folder, 'a.json')
    const seen = watching(file)
    symlinkSync('..2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await once(seen, file)
  })
})
