/** A dual encoder trained from files: captioned images, some damaged, decoded and augmented. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clipNormalization } from '@hadal/images'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  type ImageTextPairs,
  makeImageTextPairs,
  newestWeights,
  readImageText,
  type TrainEvent,
  type TrainListener,
  train,
} from '@hadal/train'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tinyClip, towerOptions } from './tiny-towers.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-image-text-run-'))
afterAll(() => rmSync(root, { recursive: true }))

const names = [
  'red',
  'lime',
  'blue',
  'black',
  'white',
  'yellow',
  'cyan',
  'magenta',
  'gray',
  'maroon',
  'navy',
  'olive',
]
let data: Awaited<ReturnType<typeof makeImageTextPairs>>

beforeAll(async () => {
  mkdirSync(join(root, 'images'))
  const rows = names.map((name) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="${name}"/></svg>`
    writeFileSync(join(root, 'images', `${name}.svg`), svg)
    return { image: `images/${name}.svg`, captions: [name, `all ${name}`] }
  })
  writeFileSync(join(root, 'images', 'damaged.png'), 'not a picture')
  const bad = [
    { image: 'images/damaged.png', caption: 'x' },
    { image: 'images/nowhere.png', caption: 'x' },
  ]
  writeFileSync(join(root, 'pairs.jsonl'), [...rows, ...bad].map((row) => JSON.stringify(row)).join('\n'))
  const words = ['all', ...names]
  data = await makeImageTextPairs({
    data: readImageText(join(root, 'pairs.jsonl')),
    imageSize: tinyClip.vision_config.image_size,
    normalization: clipNormalization,
    tokenizer: { encode: (text) => text.split(' ').map((word) => 2 + words.indexOf(word)) },
    tokens: { start: 0, end: 1, length: 6 },
    augmentation: { crop: { minArea: 0.5 }, flip: 0.5, brightness: 0.05 },
    cache: { maxBytes: 500, folder: join(root, 'cache') },
    validShare: 0,
  })
})

const run = (folder: string) =>
  defineRun({
    ...towerOptions(join(root, folder)),
    schedule: { peak: 0.01, warmupSteps: 2, totalSteps: 40, floorFraction: 0.1 },
    data: { train: data.train, valid: data.train satisfies ImageTextPairs },
  })

async function eventsOf(folder: string, listener: TrainListener = () => {}): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  await train(run(folder), { listeners: [(event) => void events.push(event), listener] })
  return events
}

it('learns what images are called, and says first what it goes on without', async () => {
  const events = await eventsOf('whole')
  const [first] = events
  expect(first).toMatchObject({
    type: 'warning',
    message: expect.stringContaining('2 skipped, 12 images kept'),
  })
  expect(JSON.stringify(first)).toContain('pairs.jsonl:13: cannot decode the image')
  expect(JSON.stringify(first)).toContain('pairs.jsonl:14: no image')
  const evaluated = events.filter((event) => event.type === 'evaluated').at(-1)!
  expect(evaluated.measures!['image-to-text@5']).toBeGreaterThan(0.8)
})

it('sees the same pictures again after it was stopped', async () => {
  await eventsOf('stopped', (event, control) => {
    if (event.type === 'step' && event.step === 15) control.stop('test')
  })
  await eventsOf('stopped')
  const [whole, stopped] = ['whole', 'stopped'].map((folder) => newestWeights(join(root, folder)))
  expect(whole!.size).toBeGreaterThan(20)
  for (const [name, { values }] of whole!) expect(stopped!.get(name)!.values).toEqual(values)
})
