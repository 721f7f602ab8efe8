import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectClose } from '../../../../training/tensor/test/expect-close.ts'
import { picture, writeTinyClip } from '../../../cli/test/tiny-clip.ts'
import { openClip } from './open-clip.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-open-clip-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A small ResNet or an encoder of two layers, alone and in a batch. */
const closeness = { roundings: 2000 }
const open = () => openClip({ folder, threads: 1, threadsReason: 'for a test' })

describe('openClip', () => {
  it('reads a folder of open_clip, with a ResNet for images', async () => {
    const vision = { layers: [1, 1, 1, 1], width: 8, num_attention_heads: 4, image_size: 32 } as const
    writeTinyClip(folder, { layout: 'open-clip', vision })
    const towers = await open()
    expect(towers.model).toMatchObject({
      architecture: 'clip',
      embeddingLength: 16,
      contextLength: 40,
      images: { size: 32, tokens: 2 },
    })
    const pixels = await towers.decode(picture([1, 2, 3], [250, 250, 0]), 'given')
    expect(pixels).toHaveLength(3 * 32 * 32)
    const [first, second] = towers.embedImages([pixels, new Float32Array(3 * 32 * 32)])
    const [alone] = towers.embedImages([pixels])
    expectClose(alone!, first!, closeness)
    expect(second).not.toEqual(first)
    for (const vector of [first!, second!]) expectClose(Math.hypot(...vector), 1, closeness)
  })

  it('frames texts, and gives each the vector that it has alone', async () => {
    writeTinyClip(folder)
    const towers = await open()
    const texts = ['a red square', '', 'a picture of a cat'].map((text) => towers.tokenize(text))
    expect(texts[1]).toHaveLength(2)
    const together = towers.embedTexts(texts)
    for (const [at, ids] of texts.entries()) {
      const [alone] = towers.embedTexts([ids])
      expectClose(alone!, together[at]!, closeness)
    }
  })

  it('refuses a tokenizer that begins no caption', async () => {
    writeTinyClip(folder, { begin: '<|begin|>' })
    writeFileSync(join(folder, 'tokenizer_config.json'), '{"eos_token":"<|endoftext|>"}')
    await expect(open()).rejects.toMatchObject({ code: 'caption_begin_missing' })
    writeFileSync(
      join(folder, 'tokenizer_config.json'),
      '{"bos_token":"<|begin|>","eos_token":"<|endoftext|>"}',
    )
    expect((await open()).tokenize('')).toHaveLength(2)
  })
})
