/** Models that several processes hold between them, against the same models in one: losses, logits, every gradient, their norm. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DecoderConfig, DeepSeekConfig } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../../kernel/base/test/free-port.ts'
import { programFile } from '../../../kernel/base/test/program-file.ts'
import { roundingBound } from '../../tensor/test/expect-close.ts'
import type { DividedCase, DividedDifference } from './divided-program.ts'

const program = programFile(import.meta.url, './divided-program.ts')

const llama: DecoderConfig = {
  model_type: 'llama',
  vocab_size: 48,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}
const qwen2: DecoderConfig = { ...llama, model_type: 'qwen2', tie_word_embeddings: false }
const qwen3: DecoderConfig = { ...llama, model_type: 'qwen3', head_dim: 8 }

const v3: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 48,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: 8,
  kv_lora_rank: 8,
  qk_nope_head_dim: 4,
  qk_rope_head_dim: 4,
  v_head_dim: 6,
  moe: {
    n_routed_experts: 8,
    num_experts_per_tok: 3,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 2,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 1.5,
    moe_intermediate_size: 8,
    n_shared_experts: 2,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}
const v2Lite: DeepSeekConfig = {
  ...v3,
  model_type: 'deepseek_v2',
  q_lora_rank: null,
  tie_word_embeddings: true,
  moe: {
    ...v3.moe!,
    scoring_func: 'softmax',
    topk_method: 'greedy',
    norm_topk_prob: false,
    n_shared_experts: 0,
  },
}

const plain = { expert: 1, sequence: false, labelSmoothing: 0, zLoss: 0 }

async function differences(ranks: number, cases: readonly DividedCase[]): Promise<DividedDifference[]> {
  const port = await freePort()
  const outputs = Array.from({ length: ranks }, async (_, rank) => {
    const args = [program, JSON.stringify(cases)]
    const env = {
      ...process.env,
      OMP_NUM_THREADS: '1',
      RANK: String(rank),
      WORLD_SIZE: String(ranks),
      MASTER_PORT: String(port),
    }
    const child = spawn(process.execPath, args, { env })
    let out = ''
    let errors = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (errors += chunk))
    const [code] = await once(child, 'close')
    expect({ rank, code, errors }).toEqual({ rank, code: 0, errors: '' })
    return out
  })
  return JSON.parse((await Promise.all(outputs))[0]!) as DividedDifference[]
}

describe.each([
  [
    'two',
    2,
    [
      ['llama', { ...plain, config: llama, tensor: 2 }],
      ['llama, sequence divided', { ...plain, config: llama, tensor: 2, sequence: true }],
      [
        'llama, smoothing and z-loss',
        { ...plain, config: llama, tensor: 2, labelSmoothing: 0.1, zLoss: 0.01 },
      ],
      ['qwen2', { ...plain, config: qwen2, tensor: 2 }],
      ['qwen3, sequence divided', { ...plain, config: qwen3, tensor: 2, sequence: true }],
      ['qwen2, kept by halves', { ...plain, config: qwen2, tensor: 2, sequence: true, mode: 'kept' }],
      ['qwen2, undivided sequence, kept by halves', { ...plain, config: qwen2, tensor: 2, mode: 'kept' }],
      ['qwen3, products kept', { ...plain, config: qwen3, tensor: 2, mode: 'light' }],
      ['DeepSeek-V3, kept by halves', { ...plain, config: v3, tensor: 2, sequence: true, mode: 'kept' }],
      ['qwen2, computed again', { ...plain, config: qwen2, tensor: 2, mode: 'recomputed' }],
      [
        'qwen2, sequence divided, computed again',
        { ...plain, config: qwen2, tensor: 2, sequence: true, mode: 'recomputed' },
      ],
      [
        'qwen2, sequence divided, products kept',
        { ...plain, config: qwen2, tensor: 2, sequence: true, mode: 'light' },
      ],
      ['DeepSeek-V3', { ...plain, config: v3, tensor: 2 }],
      ['DeepSeek-V3, sequence divided', { ...plain, config: v3, tensor: 2, sequence: true, zLoss: 0.01 }],
      ['DeepSeek-V2-Lite', { ...plain, config: v2Lite, tensor: 2 }],
      ['DeepSeek-V3, experts divided', { ...plain, config: v3, tensor: 1, expert: 2 }],
      [
        'DeepSeek-V3, all tokens to the experts of one',
        { ...plain, config: v3, tensor: 1, expert: 2, sameToken: true },
      ],
      ['DeepSeek-V2-Lite, experts divided', { ...plain, config: v2Lite, tensor: 1, expert: 2 }],
    ],
  ],
  [
    'four',
    4,
    [
      ['DeepSeek-V3', { ...plain, config: v3, tensor: 4, sequence: true }],
      ['DeepSeek-V3, layers and experts divided', { ...plain, config: v3, tensor: 2, expert: 2 }],
      [
        'DeepSeek-V3, all divided, computed again',
        { ...plain, config: v3, tensor: 2, expert: 2, sequence: true, mode: 'recomputed' },
      ],
      ['DeepSeek-V3, experts divided', { ...plain, config: v3, tensor: 1, expert: 4 }],
    ],
  ],
] as const)('%s processes', (_, ranks, cases) => {
  it('compute what one does', async () => {
    const found = await differences(
      ranks,
      cases.map(([, each]) => each),
    )
    for (const [at, [name]] of cases.entries()) {
      const { loss, logits, norm, gradients } = found[at]!
      const worst = Object.entries({ loss, logits, norm, ...gradients }).filter(
        // Some twenty products with up to 24 terms in a row, forward and twice in the backward pass, on both sides.
        ([, apart]) => !(apart <= roundingBound(3000)),
      )
      expect({ name, worst }).toEqual({ name, worst: [] })
      expect(Object.keys(gradients).length).toBeGreaterThan(19)
    }
  })
})
