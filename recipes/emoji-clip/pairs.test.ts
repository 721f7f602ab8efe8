import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { clipConfigIssues, clipParameterCount } from '@hadal/nn'
import { defineRun } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'
import { emojiModel } from './model.ts'
import { readPairs } from './pairs.ts'
import { checkSources } from './sources.ts'
import { emojiStages, pretrainRun, tuneRun } from './stages.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-emoji-'))
afterAll(() => rmSync(folder, { recursive: true }))

function put(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

it('names what is missing with the commands that bring it', () => {
  expect(() => checkSources(folder)).toThrow(
    /^data are missing: openmoji, emojibase-data, @twemoji\/svg, tuxpaint-stamps-default\..*\n {2}npm install --prefix .* openmoji {3}# CC-BY-SA-4\.0/,
  )
})

const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="3" fill="red"/></svg>'
const names = Array.from({ length: 260 }, (_, index) => `face ${index}`)
const code = (index: number): string => `1F${index.toString(16).toUpperCase().padStart(3, '0')}`

it('makes pairs of both families and of stamps, and runs of them', async () => {
  const emoji = names.map((annotation, index) => ({
    hexcode: index === 0 ? '2764-FE0F' : code(index),
    annotation,
    tags: 'round, happy',
    openmoji_tags: '',
    skintone: index === 1 ? '1' : '',
  }))
  put('node_modules/openmoji/data/openmoji.json', JSON.stringify(emoji))
  put(
    'node_modules/emojibase-data/en/data.json',
    JSON.stringify([{ hexcode: '2764-FE0F', label: 'Red face', tags: ['happy', 'love'] }]),
  )
  for (const { hexcode } of emoji) put(`node_modules/openmoji/color/svg/${hexcode}.svg`, drawing)
  for (const { hexcode } of emoji.slice(0, -1))
    put(`node_modules/@twemoji/svg/${hexcode.replace('-FE0F', '').toLowerCase()}.svg`, drawing)
  put('stamps/animals/cat.svg', drawing)
  put('stamps/animals/cat.txt', 'A cat.\nde.utf8=Eine Katze.\n')
  put('stamps/animals/dog.svg', drawing)

  checkSources(folder)
  const pairs = readPairs(folder)
  expect(pairs.openmoji.length).toBe(259)
  expect(pairs.twemoji.length).toBe(258)
  expect(pairs.openmoji[0]).toMatchObject({
    name: '2764-FE0F',
    captions: ['face 0', 'red face', 'round happy love', 'face 0 round happy love'],
  })
  expect(pairs.stamps.map(({ captions }) => captions)).toEqual([['A cat.']])

  const { config } = emojiModel(pairs)
  expect(clipConfigIssues(config)).toEqual([])
  expect(clipParameterCount(config).total).toBeLessThan(4e6)

  const stages = await emojiStages(folder)
  const { train, valid } = stages.tune
  expect(train.captions.length + valid.captions.length).toBe(258)
  expect(valid.captions.every((captions) => captions.length === 1)).toBe(true)
  const run = defineRun(pretrainRun(stages, { folder: join(folder, 'run'), steps: 10 }))
  expect(run.data.train).toBe(stages.pretrain.train)
  const tuned = tuneRun(stages, {
    folder: join(folder, 'tuned'),
    startFrom: new Map(),
    seed: 2,
    steps: 10,
    rates: { text: 1e-5, image: 5e-6 },
    weights: { textWeight: 0.7, imageWeight: 0.3 },
  })
  expect(tuned.schedule.peak).toBe(1e-5)
  // Nothing but the weights is missing.
  expect(() => defineRun(tuned)).toThrow(/startFrom/)
})
