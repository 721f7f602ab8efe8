import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { siglipNormalization } from '@hadal/images'
import { afterAll, expect, it } from 'vitest'
import { imageTextOf } from './image-text.ts'
import { type MakePairsOptions, makeImageTextPairs } from './make-pairs.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-pairs-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Red above, the colour below. */
const drawing = (colour: string): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><rect width="2" height="1" fill="#f00"/><rect y="1" width="2" height="1" fill="${colour}"/></svg>`,
  )
const data = imageTextOf([
  ...Array.from({ length: 20 }, (_, index) => ({
    image: drawing(`#0${(index % 10).toString(16)}f`),
    captions: [`${index}`, 'a longer caption than fits'],
    name: `drawing ${index}`,
  })),
  { image: Buffer.from('damaged'), caption: 'never seen', name: 'damaged' },
])
const options: MakePairsOptions = {
  data,
  imageSize: 8,
  normalization: siglipNormalization,
  tokenizer: { encode: (text) => [...text].map((char) => char.charCodeAt(0)) },
  tokens: { start: 200, end: 201, length: 6 },
  validShare: 0.3,
}
const augmentation = { crop: { minArea: 0.3 }, flip: 0.5, hue: 90 }

it('makes what a run trains on: captions as tokens, pixels as planes', async () => {
  const { train, valid, rows, skipped, warning } = await makeImageTextPairs(options)
  expect(train.captions.length + valid.captions.length).toBe(20)
  expect(valid.captions.length).toBeGreaterThan(0)
  expect(train).toMatchObject({ imageSize: 8, padding: 201 })
  const [short, long] = train.captions[0]!
  expect(short).toEqual([
    200,
    ...rows.train[0]!.captions[0]!.split('').map((char) => char.charCodeAt(0)),
    201,
  ])
  expect(long).toHaveLength(6)
  expect(long!.at(-1)).toBe(201)
  expect(skipped).toMatchObject([{ place: 'pair 21', kind: 'not decoded' }])
  expect(warning).toContain(
    '1 skipped, 20 images kept: 1 does not decode\n  - pair 21: cannot decode the image damaged',
  )
  const planes = await train.load([1, 0], undefined)
  expect(planes).toHaveLength(2 * 3 * 64)
  // Red is 1 above and -1 below, where there is none.
  expect([planes[0], planes[63]]).toEqual([1, -1])
})

it('varies training images by seed, turn and image, and held-out ones never', async () => {
  const { train, valid } = await makeImageTextPairs({ ...options, augmentation })
  const draw = { seed: 1, turn: 0 }
  const once = await train.load([0, 1], draw)
  expect(await train.load([0, 1], draw)).toEqual(once)
  expect((await train.load([1], draw)).every((value, at) => value === once[192 + at])).toBe(true)
  expect(await train.load([0, 1], { seed: 1, turn: 1 })).not.toEqual(once)
  expect(await train.load([0, 1], { seed: 2, turn: 0 })).not.toEqual(once)
  const plain = await makeImageTextPairs(options)
  expect(await train.load([0, 1], undefined)).toEqual(await plain.train.load([0, 1], undefined))
  expect(await valid.load([0], draw)).toEqual(await valid.load([0], undefined))
})

it('has the fingerprint of what the images are and how they are read, wherever they lie', async () => {
  const inFiles = (name: string): typeof data => ({
    rows: data.rows.slice(0, 3).map((row, index) => {
      const image = join(folder, `${name}-${index}.svg`)
      writeFileSync(image, row.image)
      return { ...row, image }
    }),
    skipped: [],
  })
  const fingerprint = async (change: Partial<MakePairsOptions>) =>
    (await makeImageTextPairs({ ...options, validShare: 0, data: inFiles('a'), ...change })).train.fingerprint
  const first = await fingerprint({})
  expect(await fingerprint({ data: inFiles('b') })).toBe(first)
  const others = await Promise.all(
    [{ augmentation }, { imageSize: 16 }, { background: '#000000' }, { fit: 'pad' as const }, { data }].map(
      fingerprint,
    ),
  )
  expect(new Set([first, ...others]).size).toBe(6)
})

it('decodes each image once', async () => {
  const file = join(folder, 'once.svg')
  writeFileSync(file, drawing('#00f'))
  const { train } = await makeImageTextPairs({
    ...options,
    data: imageTextOf([{ image: file, caption: 'x' }]),
    validShare: 0,
    augmentation,
  })
  rmSync(file)
  expect(await train.load([0], { seed: 1, turn: 5 })).toHaveLength(192)
})

it('takes no other image for one that it has to decode again', async () => {
  const file = join(folder, 'changed.svg')
  writeFileSync(file, drawing('#00f'))
  const { train } = await makeImageTextPairs({
    ...options,
    data: imageTextOf([{ image: file, caption: 'x' }]),
    validShare: 0,
    cache: { maxBytes: 0 },
  })
  expect(await train.load([0], undefined)).toHaveLength(192)
  writeFileSync(file, drawing('#0f0'))
  await expect(train.load([0], undefined)).rejects.toMatchObject({
    code: 'train_image_changed',
    message: `the image ${file} has changed since the run started`,
  })
  rmSync(file)
  await expect(train.load([0], undefined)).rejects.toMatchObject({ code: 'image_not_found' })
})

it('ends where nothing is left, and says why', async () => {
  const damaged = imageTextOf([{ image: Buffer.from('damaged'), caption: 'x' }, { image: '/nowhere.png' }])
  await expect(makeImageTextPairs({ ...options, data: damaged })).rejects.toEqual(
    expect.objectContaining({
      code: 'train_no_usable_images',
      message: expect.stringMatching(
        /pair 2: it has neither caption nor captions\n.*pair 1: cannot decode the image/,
      ),
    }),
  )
  await expect(makeImageTextPairs({ ...options, augmentation: { flip: 3 } })).rejects.toEqual(
    expect.objectContaining({ code: 'image_option_invalid' }),
  )
})
