import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodeImage } from '@hadal/images'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { decodeRows } from './decode-rows.ts'
import { imageTextOf } from './image-text.ts'
import { readImageText } from './read-image-text.ts'
import { skippedSummary } from './skipped-summary.ts'
import { splitByImage } from './split-by-image.ts'

let folder: string
const folders: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-image-text-'))
  folders.push(folder)
})
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true })
})

const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
function put(name: string, content: string | Uint8Array = drawing): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}
const lines = (...rows: unknown[]): string =>
  put('pairs.jsonl', rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'))

it('reads JSON lines, finds images relative to the file, and gathers the captions of each', () => {
  put('cats/1.svg')
  const absolute = put('dog.svg')
  const path = lines(
    { image: 'cats/1.svg', caption: ' a cat ' },
    '',
    { image: absolute, captions: ['a dog', '', 'a good dog'] },
    { image: './cats/../cats/1.svg', captions: ['a cat', 'asleep'] },
  )
  const { rows, skipped } = readImageText(path)
  expect(skipped).toEqual([])
  expect(rows).toEqual([
    {
      image: join(folder, 'cats/1.svg'),
      name: 'cats/1.svg',
      place: `${path}:1`,
      captions: ['a cat', 'asleep'],
    },
    { image: absolute, name: absolute, place: `${path}:3`, captions: ['a dog', 'a good dog'] },
  ])
})

it('leaves out what cannot be used, each with its line and the reason', () => {
  put('a.svg')
  mkdirSync(join(folder, 'folder.png'))
  const path = lines(
    { image: 'a.svg', caption: 'kept' },
    { image: 'gone.png', caption: 'x' },
    { image: 'folder.png', caption: 'x' },
    { image: 'https://example.com/a.png', caption: 'x' },
    { image: 7, caption: 'x' },
    { caption: 'x' },
    { image: 'a.svg' },
    { image: 'a.svg', caption: '  ' },
    { image: 'a.svg', caption: 'x', captions: ['y'] },
    { image: 'a.svg', captions: ['x', 3] },
    '{"image": "a.svg"',
    ['a.svg', 'x'],
  )
  const { rows, skipped } = readImageText(path)
  expect(rows).toHaveLength(1)
  expect(skipped.map(({ place, kind, reason }) => [place.slice(path.length + 1), kind, reason])).toEqual([
    ['2', 'no image', `no image at ${join(folder, 'gone.png')}`],
    ['3', 'no image', `no file at ${join(folder, 'folder.png')}`],
    [
      '4',
      'bad row',
      expect.stringContaining(
        'image https://example.com/a.png is a URL: images must be local files, nothing is',
      ),
    ],
    ['5', 'bad row', 'image must be a path, got 7'],
    ['6', 'bad row', 'it has no image field'],
    ['7', 'no caption', 'it has neither caption nor captions'],
    ['8', 'no caption', 'its caption is empty'],
    ['9', 'bad row', 'it has both caption and captions'],
    ['10', 'bad row', 'caption must be a string, got 3'],
    ['11', 'bad row', expect.stringContaining('it is not JSON')],
    ['12', 'bad row', 'it must be a JSON object'],
  ])
})

it('reads a folder of images, each with a text file of one caption per line', () => {
  put('b.PNG')
  put('b.txt', '\ufefffirst\r\nsecond\n')
  put('deep/a.svg')
  put('deep/a.txt', 'a')
  put('alone.jpg')
  put('empty.gif')
  put('empty.txt', '\n')
  put('lost.txt', 'x')
  put('notes.md', 'not of this')
  const { rows, skipped } = readImageText(folder)
  expect(rows.map(({ name, captions }) => [name, captions])).toEqual([
    ['b.PNG', ['first', 'second']],
    ['deep/a.svg', ['a']],
  ])
  expect(skipped).toEqual([
    {
      place: join(folder, 'alone.jpg'),
      kind: 'no caption',
      reason: 'alone.txt does not exist next to it',
    },
    { place: join(folder, 'empty.gif'), kind: 'no caption', reason: 'empty.txt is empty' },
    { place: join(folder, 'lost.txt'), kind: 'no image', reason: 'no image has its name' },
  ])
})

it('names data that are not there', () => {
  const unreadable = expect.objectContaining({
    code: 'nn_data_file_unreadable',
    message: expect.stringContaining('no.jsonl'),
  })
  expect(() => readImageText(join(folder, 'no.jsonl'))).toThrow(unreadable)
})

it('has an answer to any line', () => {
  const row = fc.oneof(
    fc.json(),
    fc
      .record({ image: fc.oneof(fc.string(), fc.constant(null)), caption: fc.anything() })
      .map((some) => JSON.stringify(some) ?? ''),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (some) => {
      const { rows, skipped } = readImageText(put('fuzz.jsonl', some.join('\n')))
      for (const { place } of skipped) expect(place).toMatch(/fuzz\.jsonl:\d+$/)
      expect(rows).toEqual([])
    }),
    { numRuns: 60 },
  )
})

it('takes pairs in memory, and gathers them as well', () => {
  const bytes = Buffer.from(drawing)
  const { rows, skipped } = imageTextOf([
    { image: bytes, caption: 'one' },
    { image: '/a.png', captions: ['two', 'two'], name: 'a' },
    { image: bytes, caption: 'more' },
    { image: '/b.png' },
  ])
  expect(rows).toEqual([
    { image: bytes, name: 'image 1', place: 'pair 1', captions: ['one', 'more'] },
    { image: '/a.png', name: 'a', place: 'pair 2', captions: ['two'] },
  ])
  expect(skipped).toEqual([
    { place: 'pair 4', kind: 'no caption', reason: 'it has neither caption nor captions' },
  ])
})

it('leaves out images that do not decode, counts them and names them', async () => {
  put('good.svg')
  put('bad.png', 'no image at all')
  put('going.png')
  const path = lines(
    { image: 'good.svg', caption: 'good' },
    { image: 'bad.png', caption: 'bad' },
    { image: 'gone.png', caption: 'gone' },
    { image: 'going.png', caption: 'going' },
    { image: 'good.svg' },
  )
  const data = readImageText(path)
  rmSync(join(folder, 'going.png'))
  const decoded = await decodeRows(data, ({ image }) => decodeImage(image, { width: 4, height: 4 }))
  expect(decoded.rows.map(({ name }) => name)).toEqual(['good.svg'])
  expect(decoded.images).toMatchObject([{ width: 4, height: 4 }])
  expect(skippedSummary(decoded)).toBe(
    `4 skipped, 1 images kept: 2 have no image, 1 does not decode, 1 has no caption
  - ${path}:3: no image at ${join(folder, 'gone.png')}
  - ${path}:5: it has neither caption nor captions
  - ${path}:2: cannot decode the image ${join(folder, 'bad.png')}: its content is of no format that is known
  - ${path}:4: the image ${join(folder, 'going.png')} does not exist`,
  )
  expect(skippedSummary({ rows: data.rows, skipped: [] })).toBeUndefined()
  const broken = decodeRows(data, () => Promise.reject(new Error('out of memory')))
  await expect(broken).rejects.toThrow('out of memory')
})

it('names a few of many that are left out', () => {
  const skipped = Array.from({ length: 9 }, (_, index) => ({
    place: `p:${index}`,
    kind: 'bad row' as const,
    reason: 'r',
  }))
  expect(skippedSummary({ rows: [], skipped })).toMatch(
    /^9 skipped, 0 images kept: 9 are not usable rows\n(.*\n){5} {2}- and 4 more$/,
  )
})

it('holds out whole images, the same ones when data are added', () => {
  const names = Array.from({ length: 400 }, (_, index) => ({ name: `image-${index}.png` }))
  const { train, valid } = splitByImage(names, 0.2)
  expect(train.length + valid.length).toBe(400)
  expect(valid.length).toBeGreaterThan(50)
  expect(valid.length).toBeLessThan(110)
  const fewer = splitByImage(names.slice(100), 0.2).valid
  expect(valid).toEqual(expect.arrayContaining([...fewer]))
  expect(splitByImage(names, 0).valid).toEqual([])
})
