import { describe, expect, it } from 'vitest'
import { gpt2Pattern, llama3Pattern } from './pre-tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const specialTokens = ['<|endoftext|>', '<|im_end|>']
const tokenizer = trainBpe(['the hat, the cat, the mat'], { vocabSize: 300, specialTokens })

describe('ggufMetadata', () => {
  it("speaks llama.cpp's keys", () => {
    const metadata = tokenizer.ggufMetadata({ end: '<|im_end|>', begin: '<|endoftext|>' })
    const [endOfText, endOfTurn] = specialTokens.map((token) => tokenizer.special(token))
    expect(metadata).toMatchObject({
      'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
      'tokenizer.ggml.pre': { type: 'string', value: 'qwen2' },
      'tokenizer.ggml.bos_token_id': { type: 'uint32', value: endOfText },
      'tokenizer.ggml.eos_token_id': { type: 'uint32', value: endOfTurn },
      'tokenizer.ggml.padding_token_id': { type: 'uint32', value: endOfTurn },
      'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    })
    const list = (key: string): unknown[] => metadata[`tokenizer.ggml.${key}`]!.value as unknown[]
    expect(list('tokens')).toHaveLength(tokenizer.vocabSize)
    expect(list('tokens')[0x20]).toBe('Ġ')
    expect(list('tokens').at(-1)).toBe('<|im_end|>')
    expect(list('merges')[0]).toBe('a t')
    expect(list('token_type').slice(-3)).toEqual([1, 3, 3])
  })

  it('knows a pattern however it is spelt', () => {
    const asQwenWritesIt =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
    const pre = (pattern: string, ignoreMerges = false): unknown =>
      new Tokenizer({ ...tokenizer.parts, patterns: [pattern], ignoreMerges }).ggufMetadata({
        end: '<|im_end|>',
      })['tokenizer.ggml.pre']?.value
    expect(pre(asQwenWritesIt)).toBe('qwen2')
    expect(pre(gpt2Pattern)).toBe('gpt-2')
    expect(pre(llama3Pattern, true)).toBe('llama-bpe')
  })

  it.each([
    ['nn_tokenizer_not_in_llama', { patterns: ['\\S+'] }, '<|im_end|>'],
    ['nn_tokenizer_not_in_llama', { ignoreMerges: true }, '<|im_end|>'],
    ['nn_special_token_invalid', {}, '</s>'],
  ])('refuses with %s', (code, change, end) => {
    const changed = new Tokenizer({ ...tokenizer.parts, ...change })
    expect(() => changed.ggufMetadata({ end })).toThrow(expect.objectContaining({ code }))
  })
})
