/** `hadal classify` with an ONNX model, on pictures made here. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writtenNames } from '@hadal/models/classify-onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onnxModel } from '../../../../serving/engine/test/onnx/models.ts'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { picture } from '../../test/tiny-clip.ts'
import { main } from '../main.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-classify-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))
const colours = { red: [200, 30, 20], green: [10, 150, 40], blue: [0, 20, 220] } as const

beforeAll(() => {
  for (const [colour, values] of Object.entries(colours)) {
    mkdirSync(join(folder, 'pictures', colour), { recursive: true })
    writeFileSync(join(folder, 'pictures', colour, 'one.png'), picture(values, values))
  }
  writeFileSync(join(folder, 'pictures', 'red', 'two.png'), picture(colours.blue, colours.blue))
  writeFileSync(join(folder, 'pictures', 'red', 'broken.png'), 'no picture')
})

async function hadal(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(['classify', ...args, '--threads', '1'], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}
const model = onnxModel('colours')

describe('hadal classify model.onnx', () => {
  it('names what pictures show, and how often that is right', async () => {
    const { code, printed, noted } = await hadal(model, 'pictures')
    expect(code).toBe(0)
    expect(noted).toContain('broken.png')
    expect(printed).toMatch(/red\/one\.png\s+✓\s+red 0\.9/)
    expect(printed).toMatch(/red\/two\.png\s+✗\s+blue 0\.9/)
    expect(printed).toContain('top-1 75.0 %')
  })

  it('gives probabilities as JSON, under other names where they are said', async () => {
    const { code, printed } = await hadal(
      model,
      'pictures/green/one.png',
      '--classes',
      'rot,grün,blau',
      '--json',
      '--top',
      '2',
    )
    expect(code).toBe(0)
    const { images } = JSON.parse(printed) as { images: { classes: { class: string; score: number }[] }[] }
    expect(images[0]!.classes.map((each) => each.class)).toEqual(['grün', 'blau'])
    // Means of 10, 150 and 40 of 255, ten times.
    const powers = [10, 150, 40].map((value) => Math.exp((10 * value) / 255))
    const sum = powers.reduce((all, power) => all + power, 0)
    expect(images[0]!.classes[0]!.score).toBeCloseTo(powers[1]! / sum, 5)
  })

  it('takes names of classes that are a list of texts, and no others', () => {
    expect(writtenNames('["a","b"]')).toEqual(['a', 'b'])
    for (const other of [undefined, '', '{', '[1,2]', '{"0":"a"}', 'null'])
      expect(writtenNames(other)).toBeUndefined()
  })

  it('says which models it cannot look with', async () => {
    const refused = async (...args: string[]) => (await hadal(...args)).noted
    expect(await refused(onnxModel('fixed'), 'pictures')).toContain('its metadata has no hadal.input')
    expect(await refused(onnxModel('simple'), 'pictures')).toContain('onnx_not_for_images')
    expect(await refused(join(folder, 'gone.onnx'), 'pictures')).toContain('model_file_not_found')
    expect(await refused(model, 'pictures', '--classes', 'a,b')).toContain(
      'names 2 classes, and the model has 3',
    )
    expect(await refused(model, 'pictures', '--template', 'a {}')).toContain('means nothing to an ONNX model')
  })
})
