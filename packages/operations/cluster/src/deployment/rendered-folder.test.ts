/** A folder of rendered files: what is written, what is taken away, and what is never written over. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RenderedFile } from '@hadal/fleet'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listName, writeRenderedFolder } from './rendered-folder.ts'

let parent: string
let folder: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'hadal-rendered-'))
  folder = join(parent, 'deploy')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const files = (...pairs: readonly (readonly [path: string, text: string])[]): RenderedFile[] =>
  pairs.map(([path, text]) => ({ path, text }))
const write = (wanted: readonly RenderedFile[], force = false) =>
  writeRenderedFolder(folder, wanted, { name: 'deploy', force })
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')

it('writes, leaves what is the same, changes what is not, and takes away what is no longer there', async () => {
  expect(await write(files(['a.yaml', '1'], ['base/b.yaml', '2'], ['base/deep/c.yaml', '3']))).toEqual({
    written: ['a.yaml', 'base/b.yaml', 'base/deep/c.yaml'],
    unchanged: [],
    removed: [],
  })
  expect(await write(files(['a.yaml', '1'], ['base/b.yaml', 'two'], ['d.yaml', '4']))).toEqual({
    written: ['base/b.yaml', 'd.yaml'],
    unchanged: ['a.yaml'],
    removed: ['base/deep/c.yaml'],
  })
  expect(read('base/b.yaml')).toBe('two')
  expect(existsSync(join(folder, 'base/deep'))).toBe(false)
})

it('refuses a folder that holds other files', async () => {
  mkdirSync(folder)
  writeFileSync(join(folder, 'mine.yaml'), 'mine')
  await expect(write(files(['a.yaml', '1']), true)).rejects.toMatchObject({ code: 'deploy_folder_taken' })
  expect(existsSync(join(folder, 'a.yaml'))).toBe(false)
})

it('refuses a file in the place of the folder', async () => {
  writeFileSync(folder, '')
  await expect(write(files(['a.yaml', '1']))).rejects.toMatchObject({ code: 'deploy_folder_taken' })
})

it('takes an empty folder', async () => {
  mkdirSync(folder)
  await write(files(['a.yaml', '1']))
  expect(read('a.yaml')).toBe('1')
})

it('neither overwrites nor removes edited files, unless forced', async () => {
  await write(files(['a.yaml', '1'], ['b.yaml', '2'], ['c.yaml', '3']))
  writeFileSync(join(folder, 'a.yaml'), 'changed')
  writeFileSync(join(folder, 'b.yaml'), 'changed')
  const next = files(['a.yaml', 'one'], ['c.yaml', 'three'])
  await expect(write(next)).rejects.toMatchObject({
    code: 'deploy_file_changed',
    message: 'edited since the last render, or never rendered: deploy/a.yaml, deploy/b.yaml',
  })
  expect(read('c.yaml')).toBe('3')
  await write(next, true)
  expect([read('a.yaml'), read('c.yaml'), existsSync(join(folder, 'b.yaml'))]).toEqual([
    'one',
    'three',
    false,
  ])
})

it('writes over nothing that was put where a file is to be, nor through a link', async () => {
  await write(files(['a.yaml', '1']))
  writeFileSync(join(folder, 'b.yaml'), 'somebody else’s')
  await expect(write(files(['a.yaml', '1'], ['b.yaml', '2']))).rejects.toMatchObject({
    code: 'deploy_file_changed',
  })
  mkdirSync(join(parent, 'elsewhere'))
  symlinkSync(join(parent, 'elsewhere'), join(folder, 'base'))
  await expect(write(files(['a.yaml', '1'], ['base/c.yaml', '2']))).rejects.toMatchObject({
    code: 'deploy_file_changed',
  })
  expect(existsSync(join(parent, 'elsewhere/c.yaml'))).toBe(false)
})

it('leaves other files in its folder alone', async () => {
  await write(files(['a.yaml', '1']))
  writeFileSync(join(folder, 'README.md'), 'mine')
  await write(files(['b.yaml', '2']))
  expect(read('README.md')).toBe('mine')
})

it.each([
  'no json',
  '{}',
  '{"files":{"../../x":["1"]}}',
  '{"files":{"/etc/x":["1"]}}',
  '{"files":{"a":1}}',
  'null',
])('takes a list that it did not write for none: %s', async (list) => {
  mkdirSync(folder)
  writeFileSync(join(folder, listName), list)
  await expect(write(files(['a.yaml', '1']), true)).rejects.toMatchObject({ code: 'deploy_folder_taken' })
})

it.skipIf(process.getuid?.() === 0)('says where it may not write', async () => {
  mkdirSync(folder)
  chmodSync(folder, 0o500)
  await expect(write(files(['a.yaml', '1']))).rejects.toMatchObject({ code: 'deploy_folder_unwritable' })
})

it('says that it cannot write where a path leads through a file', async () => {
  writeFileSync(join(parent, 'file'), '')
  const into = writeRenderedFolder(join(parent, 'file', 'deploy'), files(['a.yaml', '1']), {
    name: 'file/deploy',
  })
  await expect(into).rejects.toMatchObject({
    code: expect.stringMatching(/^deploy_folder_(unwritable|taken)$/),
  })
  const name = `${'x'.repeat(300)}/deploy`
  const long = writeRenderedFolder(join(parent, name), files(['a.yaml', '1']), { name })
  await expect(long).rejects.toMatchObject({ code: 'deploy_folder_unwritable' })
})

it('goes on where it was stopped, whatever had been written by then', async () => {
  await write(files(['a.yaml', '1'], ['b.yaml', '2']))
  const { files: sums } = JSON.parse(read(listName)) as { files: Record<string, string[]> }
  const after = mkdtempSync(join(tmpdir(), 'hadal-rendered-'))
  await writeRenderedFolder(join(after, 'x'), files(['a.yaml', 'one'], ['b.yaml', 'two']), { name: 'x' })
  const next = JSON.parse(readFileSync(join(after, 'x', listName), 'utf8')).files as Record<string, string[]>
  rmSync(after, { recursive: true })
  // As a list stands while files are written: both sums of each, and one file written.
  const both = Object.fromEntries(Object.keys(sums).map((path) => [path, [...sums[path]!, ...next[path]!]]))
  writeFileSync(join(folder, listName), JSON.stringify({ files: both }))
  writeFileSync(join(folder, 'a.yaml'), 'one')
  expect(await write(files(['a.yaml', 'one'], ['b.yaml', 'two']))).toMatchObject({
    written: ['b.yaml'],
    unchanged: ['a.yaml'],
  })
})

it('always ends with just the files that were rendered last', async () => {
  const path = fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f/g/h')
  const some = fc.dictionary(path, fc.string())
  await fc.assert(
    fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 4 }), async (rounds) => {
      rmSync(folder, { recursive: true, force: true })
      for (const round of rounds) await write(files(...Object.entries(round)))
      const last = rounds.at(-1)!
      for (const each of ['a', 'b', 'c/d', 'c/e', 'f/g/h'])
        expect(existsSync(join(folder, each)) ? read(each) : undefined).toBe(last[each])
    }),
    { numRuns: 25 },
  )
})
