import { gguf } from '@hadal/formats'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { type TinyModelOptions, tokens } from './tiny-model.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

const reader = (model: TinyModelOptions) => {
  open = openEngine({ maxBatchSize: 1 }, model)
  return async (...pieces: string[]) => {
    const { prompt } = await collect(
      open!.engine.generate(ask({ pieces }, { maxTokens: 1, promptLogprobs: 0 })),
    )
    expect(await open!.engine.promptLength({ pieces })).toBe(prompt!.length)
    return prompt!.map(({ token }) => token)
  }
}
const codes = (text: string): number[] => [...Buffer.from(text)]
const { bos, eos, user, the } = tokens

describe('pieces of a prompt', () => {
  it('are no special token across a border', async () => {
    const read = reader({})
    expect(await read('<user>')).toEqual([bos, user])
    expect(await read('a<user>', 'b')).toEqual([bos, 0x61, user, 0x62])
    expect(await read('<', 'user>')).toEqual([bos, ...codes('<user>')])
    expect(await read('a', '', 'b')).toEqual([bos, 0x61, 0x62])
    expect(await read('<s>', 'a')).toEqual([bos, 0x61])
    expect(await read('', '')).toEqual([bos])
    expect(await read()).toEqual([bos])
  })

  it('get no space where a vocabulary puts one before texts, unless the whole text gets it there', async () => {
    const read = reader({ vocabulary: 'sentencepiece' })
    const space = 0x20
    expect(await read('ab')).toEqual([bos, space, ...codes('ab')])
    expect(await read('a', 'b')).toEqual([bos, space, ...codes('ab')])
    expect(await read('a<', 'user>')).toEqual([bos, space, ...codes('a<user>')])
    expect(await read('a', '<user>', 'the')).toEqual([bos, space, 0x61, user, the, 0x65])
    expect(await read('a<user>the')).toEqual([bos, space, 0x61, user, the, 0x65])
    expect(await read('a', ' the')).toEqual([bos, space, 0x61, the, 0x65])
    expect(await read('a', '\nb')).toEqual([bos, space, 0x61, 0x0a, 0x62])
  })

  it('are counted however many they are, and tokens are as many as they are', async () => {
    reader({})
    const pieces = Array.from({ length: 50_000 }, () => '<user>')
    expect(await open!.engine.promptLength({ pieces })).toBe(50_001)
    expect(await open!.engine.promptLength('ab')).toBe(3)
    expect(await open!.engine.promptLength([1, 2])).toBe(2)
  })

  it('end where the whole text ends', async () => {
    const read = reader({ metadata: { 'tokenizer.ggml.add_eos_token': gguf.bool(true) } })
    expect(await read('ab')).toEqual([bos, ...codes('ab'), eos])
    expect(await read('a', 'b')).toEqual([bos, ...codes('ab'), eos])
  })
})
