/** What training writes for Hugging Face, the loader of checkpoints reads: the same model, to the bit. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chatTokens,
  Decoder,
  type DecoderConfig,
  initializeDecoder,
  loadCheckpoint,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, torch } from '@hadal/tensor'
import { exportHuggingFace } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'hadal-load-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['a small text, a small text'], {
  vocabSize: 264,
  specialTokens: Object.values(chatTokens),
})

it.each([
  ['llama', true],
  ['llama', false],
  ['qwen2', false],
  ['qwen3', true],
] as const)('a %s with tied embeddings: %s', (model_type, tie_word_embeddings) => {
  const config: DecoderConfig = {
    model_type,
    vocab_size: tokenizer.vocabSize,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 32,
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    tie_word_embeddings,
  }
  scope(() => {
    manualSeed(1)
    const model = new Decoder(config)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    const weights = new Map(
      [...model.parameters()].map(([name, tensor]) => [
        name,
        { shape: tensor.shape, values: tensor.toTypedArray() as Float32Array },
      ]),
    )
    exportHuggingFace(folder, { config, weights, tokenizer })
    const loaded = loadCheckpoint(folder)
    expect(loaded.plan.unneeded).toEqual([])
    const ids = torch.tensor([[1, 2, 3, 250]], { dtype: 'int64' })
    noGrad(() => {
      const same = loaded.model.forward(ids).equal(model.forward(ids))
      expect(same).toBe(true)
    })
  })
})
