import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chatTokens, type DecoderConfig, trainBpe, wantedTensors } from '@hadal/nn'
import { afterAll, describe, expect, it } from 'vitest'
import type { HostTensor } from '../weights.ts'
import { exportGguf } from './gguf.ts'
import { exportHuggingFace } from './hugging-face.ts'
import type { ModelFile } from './model-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-check-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['a small text, a small text'], {
  vocabSize: 264,
  specialTokens: Object.values(chatTokens),
})
const config: DecoderConfig = {
  vocab_size: tokenizer.vocabSize,
  hidden_size: 32,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}
const zeros = (shape: readonly number[]): HostTensor => ({
  shape,
  values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
})
const weights = new Map([...wantedTensors(config)].map(({ name, shape }) => [name, zeros(shape)]))
const model: ModelFile = { config, weights, tokenizer }
const having = (name: string, shape: readonly number[]): ModelFile => ({
  ...model,
  weights: new Map([...weights, [name, zeros(shape)]]),
})
const without = (dropped: string): ModelFile => ({
  ...model,
  weights: new Map([...weights].filter(([name]) => name !== dropped)),
})
const up = 'model.layers.1.mlp.up_proj'
const adapters: ModelFile = {
  ...model,
  weights: new Map([
    [`${up}.lora_A.weight`, zeros([4, 32])],
    [`${up}.lora_B.weight`, zeros([32, 4])],
  ]),
}

describe.each([
  ['GGUF', (path: string, file: ModelFile) => exportGguf(path, 'Test', file, 'F32')],
  ['a Hugging Face folder', (path: string, file: ModelFile) => exportHuggingFace(path, file)],
])('what becomes %s', (format, write) => {
  const path = join(folder, format)

  it.each<[string, ModelFile, string, RegExp]>([
    [
      'a weight that is missing',
      without(`${up}.weight`),
      'train_export_mismatch',
      /up_proj.weight \[32, 32\] is missing/,
    ],
    [
      'a weight of another shape',
      having(`${up}.weight`, [16, 32]),
      'train_export_mismatch',
      /up_proj.weight is \[16, 32\], not \[32, 32\]/,
    ],
    [
      'a weight too many',
      having('lm_head.weight', [264, 32]),
      'train_export_mismatch',
      /lm_head.weight is not a weight of/,
    ],
    ['adapters alone', adapters, 'train_export_mismatch', /lora_A.weight is not a weight of.* and \d+ more/s],
    [
      'the head of a classifier',
      having('score.weight', [3, 32]),
      'train_export_unsupported',
      new RegExp(`score.weight .*cannot be written as ${format}`),
    ],
    [
      'a tokenizer that is too large',
      { ...model, config: { ...config, vocab_size: 32 } },
      'train_vocabulary_mismatch',
      /the tokenizer has 264 tokens, the model's vocab_size is 32/,
    ],
  ])('is not %s, and nothing is written', (_, file, code, message) => {
    expect(() => write(path, file)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
    expect(existsSync(path)).toBe(false)
  })

  it('is not written below a file', () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    expect(() => write(join(file, 'x'), model)).toThrow(
      expect.objectContaining({ code: 'train_export_unwritable', message: expect.stringContaining(file) }),
    )
  })

  it('is the model', () => {
    write(path, model)
    expect(existsSync(path)).toBe(true)
  })
})
