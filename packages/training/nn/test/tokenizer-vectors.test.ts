/**
 * Published vocabularies against the ids that llama.cpp keeps for them. HADAL_LLAMA_MODELS names the folder `models` of its
 * sources; without it there is nothing to compare with.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PublishedTokenizer, Tokenizer, tokenizerOf } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { tokenizerJsonOfGguf } from './tokenizer-json-of-gguf.ts'

const folder = process.env.HADAL_LLAMA_MODELS ?? ''
const owned = ['llama-bpe', 'qwen2', 'gpt-2']
const others = [
  'llama-spm',
  'phi-3',
  'deepseek-llm',
  'deepseek-coder',
  'bert-bge',
  'falcon',
  'command-r',
  'starcoder',
  'refact',
]

describe.skipIf(folder === '')("llama.cpp's vectors", () => {
  it.each([...owned, ...others])('%s', (name) => {
    const path = join(folder, `ggml-vocab-${name}.gguf`)
    const json = tokenizerJsonOfGguf(path)
    const tokenizers = [tokenizerOf(json)]
    if (owned.includes(name)) tokenizers.push(new PublishedTokenizer(json))
    expect(tokenizers[0]).toBeInstanceOf(owned.includes(name) ? Tokenizer : PublishedTokenizer)
    const texts = readFileSync(`${path}.inp`, 'utf8').split('\n__ggml_vocab_test__\n')
    const ids = readFileSync(`${path}.out`, 'utf8')
      .split('\n')
      .map((line) => line.split(' ').filter(Boolean).map(Number))
    expect(texts.length).toBeGreaterThan(40)
    for (const tokenizer of tokenizers) {
      for (const [index, text] of texts.entries()) {
        expect([text, tokenizer.encode(text)]).toEqual([text, ids[index]])
        if (name !== 'bert-bge') expect(tokenizer.decode(ids[index]!)).toBe(text.normalize('NFC'))
      }
    }
  })
})
