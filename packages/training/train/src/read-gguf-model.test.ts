// Exports are read back: query and key row order, names, tokenizer.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gguf, writeGguf } from '@hadal/formats'
import {
  chatTemplate,
  chatTokens,
  createModel,
  type DecoderConfig,
  initializeDecoder,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, scope, setNumThreads } from '@hadal/tensor'
import { afterAll, expect, it } from 'vitest'
import { exportGguf } from './export/gguf.ts'
import { readGgufModel } from './read-gguf-model.ts'
import { toHost } from './weights.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-gguf-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

const text = 'the sea is deep, and the deep sea is dark'
const tokenizer = trainBpe([text], { vocabSize: 270, specialTokens: Object.values(chatTokens) })
const config: DecoderConfig = {
  vocab_size: tokenizer.vocabSize,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

it.each([true, false])('a model that was exported comes back whole (tied %s)', (tie_word_embeddings) => {
  const own = { ...config, tie_word_embeddings }
  const weights = scope(() => {
    manualSeed(4)
    const parameters = createModel(own).parameters()
    initializeDecoder(parameters, own.num_hidden_layers)
    return toHost(parameters)
  })
  const path = join(folder, 'model.gguf')
  exportGguf(path, 'm', { config: own, weights, tokenizer, chatTemplate }, 'F32')
  const found = readGgufModel(path)
  expect(found.model).toMatchObject({ ...own, rms_norm_eps: Math.fround(1e-5), head_dim: 8 })
  expect(new Map(found.weights)).toEqual(weights)
  expect(found.tokenizer.encode(text)).toEqual(tokenizer.encode(text))
  expect(found.tokenizer.special(chatTokens.end)).toBe(tokenizer.special(chatTokens.end))
})

it('names a model of another architecture', () => {
  const path = join(folder, 'other.gguf')
  writeGguf(path, { metadata: { 'general.architecture': gguf.string('gpt2') }, tensors: [] })
  expect(() => readGgufModel(path)).toThrow(
    expect.objectContaining({
      code: 'train_gguf_model_unreadable',
      message: expect.stringContaining('has the architecture gpt2; only Llama-like models are supported'),
    }),
  )
})
