import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import type { EmbedInput } from '../engine.ts'
import type { FromProcess } from '../llama/messages.ts'
import type { Towers } from './towers.ts'
import { TowersLoop } from './towers-loop.ts'

const turns = async (count = 8): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await setImmediate()
}

/** Image passes take 20 ms, text passes none; an image is decoded when the test says so. */
function loop(maxBatchSize = 4) {
  const clock = new ManualClock()
  const passes: string[] = []
  const sent: FromProcess[] = []
  const decoding: {
    readonly file: number
    readonly done: () => void
    readonly fail: (error: Error) => void
  }[] = []
  const towers: Towers = {
    model: {
      architecture: 'fake',
      parameterCount: 1,
      fileBytes: 1,
      contextLength: 16,
      vocabularySize: 256,
      embeddingLength: 1,
      images: { size: 1, tokens: 2 },
      paddedLength: (tokens) => tokens,
    },
    choices: [],
    tokenize: (text) => [...text].map((letter) => letter.codePointAt(0)!),
    decode: ([file]) =>
      new Promise((resolve, reject) => {
        decoding.push({ file: file!, done: () => resolve(Float32Array.of(file!)), fail: reject })
      }),
    embedTexts(texts) {
      passes.push(`texts ${texts.map((ids) => ids.length).join()}`)
      return texts.map((ids) => Float32Array.of(ids.length))
    },
    embedImages(images) {
      passes.push(`images ${images.map(([file]) => file).join()}`)
      clock.advance(20)
      return images
    },
  }
  const limits = { maxBatchSize, maxBatchTokens: 100 }
  const served = new TowersLoop(limits, towers, 'fake', (message) => void sent.push(message), clock)
  let key = 0
  const ask = (...inputs: EmbedInput[]): number => {
    key += 1
    served.receive({ pooled: [{ kind: 'embed', key, inputs }] })
    return key
  }
  const results = (): number[] =>
    sent.flatMap((message) => (message.type === 'pooled' ? message.results.map((result) => result.key) : []))
  const decoded = (...files: number[]): void => {
    for (const each of decoding) if (files.includes(each.file)) each.done()
  }
  return {
    clock,
    passes,
    decoding,
    decoded,
    ask,
    results,
    cancel: (cancelled: number) => served.receive({ cancelPooled: [cancelled] }),
  }
}
const image = (file: number): EmbedInput => ({ image: Uint8Array.of(file) })

describe('a loop of towers', () => {
  it('begins with what is decoded, and later waits for the rest half as long as a pass took', async () => {
    const { clock, passes, decoded, ask } = loop()
    ask(image(1))
    ask(image(2))
    await turns()
    decoded(1)
    await turns()
    expect(passes).toEqual(['images 1'])
    ask(image(3))
    await turns()
    decoded(2)
    await turns()
    expect(passes).toEqual(['images 1'])
    decoded(3)
    await turns()
    expect(passes).toEqual(['images 1', 'images 2,3'])
    ask(image(4), image(5))
    await turns()
    decoded(4)
    await turns()
    clock.advance(9)
    await turns()
    expect(passes).toHaveLength(2)
    clock.advance(1)
    await turns()
    expect(passes).toEqual(['images 1', 'images 2,3', 'images 4'])
  })

  it('computes texts while images wait, and waits for nothing once a pass is full', async () => {
    const { passes, decoded, ask, results } = loop(2)
    ask(image(1))
    await turns()
    decoded(1)
    await turns()
    const both = ask(image(2), 'abc', image(3), image(4))
    await turns()
    decoded(2)
    await turns()
    expect(passes).toEqual(['images 1', 'texts 3'])
    decoded(3)
    await turns()
    expect(passes).toEqual(['images 1', 'texts 3', 'images 2,3'])
    expect(results()).not.toContain(both)
    decoded(4)
    await turns()
    expect(results()).toContain(both)
  })

  it('decodes no more ahead than two passes compute, those whose turn it is first', async () => {
    const { decoding, decoded, ask, cancel } = loop(2)
    const many = ask(...Array.from({ length: 9 }, (_, at) => image(at)))
    ask(image(20))
    await turns()
    expect(decoding.map(({ file }) => file)).toEqual([0, 1, 2, 3])
    decoded(0, 1)
    await turns()
    // A request that was served goes behind the others.
    expect(decoding.map(({ file }) => file)).toEqual([0, 1, 2, 3, 20, 4])
    // An image being decoded for a cancelled request occupies its slot until it is done.
    cancel(many)
    ask(image(30), image(31))
    await turns()
    expect(decoding.map(({ file }) => file)).toEqual([0, 1, 2, 3, 20, 4])
    decoded(2)
    await turns()
    expect(decoding.map(({ file }) => file)).toEqual([0, 1, 2, 3, 20, 4, 30])
  })
})
