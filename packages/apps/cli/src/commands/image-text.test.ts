/** `hadal retrieve` and `hadal classify`, on encoders of random weights and pictures made here. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { picture, writeTinyClip } from '../../test/tiny-clip.ts'
import { main } from '../main.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-image-text-'))
const colours = {
  red: [255, 0, 0],
  green: [0, 128, 0],
  blue: [0, 0, 255],
  black: [0, 0, 0],
  yellow: [255, 255, 0],
  white: [255, 255, 255],
} as const
const squares = { gray: [128, 128, 128], orange: [255, 165, 0] } as const

beforeAll(() => {
  writeTinyClip(join(folder, 'towers'))
  writeTinyClip(join(folder, 'towers-open'), { layout: 'open-clip' })
  for (const [colour, values] of Object.entries(colours)) {
    const place = join(folder, 'pictures', colour)
    mkdirSync(place, { recursive: true })
    for (const [square, inner] of Object.entries(squares))
      writeFileSync(join(place, `${square}.png`), picture(values, inner))
  }
  writeFileSync(join(folder, 'pictures', 'red', 'broken.png'), 'no picture')
  const rows = Object.keys(colours).flatMap((colour) => [
    { image: `pictures/${colour}/gray.png`, captions: [`${colour} with gray`, `a <b>${colour}</b> picture`] },
    { image: `pictures/${colour}/orange.png`, caption: `${colour} with orange` },
  ])
  const bad = [
    { image: 'pictures/red/broken.png', caption: 'broken' },
    { image: 'pictures/pink/gray.png', caption: 'not there' },
  ]
  writeFileSync(join(folder, 'pairs.jsonl'), [...rows, ...bad].map((row) => JSON.stringify(row)).join('\n'))
  writeFileSync(join(folder, 'bad.jsonl'), JSON.stringify(bad[1]))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function hadal(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(args, terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}
const threads = ['--threads', '1']

describe('hadal retrieve', () => {
  it('prints recall both ways, names what was left out, and writes the page', async () => {
    const { code, printed, noted } = await hadal(
      'retrieve',
      'towers',
      '--data',
      'pairs.jsonl',
      '--report',
      'page.html',
      '--shown',
      '3',
      ...threads,
    )
    expect(code).toBe(0)
    expect(printed).toMatch(/R@1 +R@5 +R@10 +median rank +queries/)
    expect(printed).toMatch(/caption to image( +[\d.]+ %){3} +[\d.]+ +18/)
    expect(printed).toMatch(/image to caption( +[\d.]+ %){3} +[\d.]+ +12/)
    expect(printed).toContain('report: page.html')
    expect(noted).toContain('2 skipped, 12 images kept: 1 has no image, 1 does not decode')
    expect(noted).toContain(`pairs.jsonl:14: no image at ${join(folder, 'pictures/pink/gray.png')}`)
    expect(noted).toMatch(/pairs\.jsonl:13: cannot decode the image .*broken\.png/)
    const page = readFileSync(join(folder, 'page.html'), 'utf8')
    expect(page).toContain('towers on pairs.jsonl')
    expect(page).toContain('data:image/webp;base64,')
    expect(page).not.toContain('<b>red</b>')
  })

  it('gives the same figures in either layout, and as JSON', async () => {
    const json = async (model: string) =>
      JSON.parse((await hadal('retrieve', model, '--data', 'pairs.jsonl', '--json', ...threads)).printed)
    const figures = await json('towers')
    expect(figures).toMatchObject({ captionToImage: { queries: 18 }, imageToCaption: { queries: 12 } })
    expect(figures.skipped).toHaveLength(2)
    expect(await json('towers-open')).toEqual(figures)
  })

  it('takes the images that training holds out', async () => {
    const { printed } = await hadal(
      'retrieve',
      'towers',
      '--data',
      'pairs.jsonl',
      '--held-out',
      '0.5',
      '--json',
      ...threads,
    )
    const { queries } = JSON.parse(printed).imageToCaption
    expect(queries).toBeGreaterThan(0)
    expect(queries).toBeLessThan(12)
  })

  it('names what is wrong before it computes anything', async () => {
    const issues: [string, ...string[]][] = [
      ['train_no_usable_images', 'towers', '--data', 'bad.jsonl'],
      ['nn_data_file_unreadable', 'towers', '--data', 'nowhere.jsonl'],
      ['nn_tokenizer_unreadable', 'nowhere', '--data', 'pairs.jsonl'],
      ['report_unwritable', 'towers', '--data', 'pairs.jsonl', '--report', 'no/such/page.html'],
    ]
    for (const [code, ...args] of issues) {
      const result = await hadal('retrieve', ...args)
      expect(result.code).toBe(1)
      expect(result.noted).toContain(`error[${code}]`)
    }
    expect((await hadal('retrieve', 'towers', '--data', 'bad.jsonl')).noted).toContain(
      'bad.jsonl:1: no image',
    )
    for (const args of [
      ['--shown', '0'],
      ['--held-out', '2'],
      ['--threads', 'x'],
    ]) {
      const result = await hadal('retrieve', 'towers', '--data', 'pairs.jsonl', ...args)
      expect(result).toMatchObject({ code: 2, noted: expect.stringContaining(args[0]!) })
    }
    expect(existsSync(join(folder, 'no'))).toBe(false)
  })
})

describe('hadal classify', () => {
  it('takes folders for classes, and says how often it is right', async () => {
    const { code, printed, noted } = await hadal('classify', 'towers', 'pictures', ...threads)
    expect(code).toBe(0)
    expect(printed).toMatch(/pictures\/black\/gray\.png +[✓✗] +(\w+ -?0\.\d{3} *){3}/)
    expect(printed).toMatch(/top-1 [\d.]+ %, top-5 [\d.]+ % of 12 images in 6 classes/)
    expect(printed).toMatch(/class +right +taken for/)
    expect(noted).toMatch(/1 skipped, 12 images kept: 1 does not decode\n.*broken.png/)
  })

  it('takes classes and sentences as they are said, and prints JSON', async () => {
    writeFileSync(join(folder, 'classes.txt'), 'a cat\nred\n\nred\n')
    const { printed } = await hadal(
      'classify',
      'towers',
      'pictures/red/gray.png',
      'pictures/blue/gray.png',
      '--classes',
      'classes.txt',
      '--template',
      'one {}',
      '--template',
      '{} two',
      '--top',
      '1',
      '--json',
      ...threads,
    )
    const { classes, images, accuracy } = JSON.parse(printed)
    expect(classes).toEqual(['a cat', 'red'])
    expect(images).toMatchObject([{ label: 'red', classes: [{ score: expect.any(Number) }] }, {}])
    expect(images[1].label).toBeUndefined()
    expect(accuracy.confusion[0]).toEqual([0, 0])
    const listed = await hadal(
      'classify',
      'towers',
      'pictures/blue/gray.png',
      '--classes',
      'a cat, red',
      ...threads,
    )
    expect(listed.printed).toMatch(/^pictures\/blue\/gray\.png +(a cat|red) -?0/)
    expect(listed.printed).not.toContain('top-1')
  })

  it('names what is wrong', async () => {
    const issues: [string, number, ...string[]][] = [
      ['--classes is missing', 2, 'pictures/red'],
      ['--classes names 1 classes', 2, 'pictures', '--classes', 'cat'],
      ['has no {}', 2, 'pictures', '--template', 'a photo'],
      ['error[train_no_usable_images]', 1, 'towers'],
      ['nowhere.png', 1, 'nowhere.png', '--classes', 'a,b'],
    ]
    for (const [said, code, ...args] of issues) {
      const result = await hadal('classify', 'towers', ...args)
      expect(result).toMatchObject({ code, noted: expect.stringContaining(said) })
    }
  })
})
