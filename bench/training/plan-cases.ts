/** Runs whose memory is planned and measured: shapes of three families, each under every technique. */

import { createModel, initializeDecoder, type ModelConfig, packStream } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { defineRun, type Run, type RunOptions, toHost, type Weights } from '@hadal/train'

const length = 256

const llama: ModelConfig = {
  vocab_size: 8192,
  hidden_size: 384,
  intermediate_size: 1024,
  num_hidden_layers: 8,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  max_position_embeddings: length,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  tie_word_embeddings: true,
}

const models: Readonly<Record<string, ModelConfig>> = {
  Llama: llama,
  'Qwen3, untied': {
    ...llama,
    model_type: 'qwen3',
    hidden_size: 512,
    intermediate_size: 1536,
    head_dim: 128,
    tie_word_embeddings: false,
  },
  DeepSeek: {
    model_type: 'deepseek_v3',
    vocab_size: 8192,
    hidden_size: 384,
    intermediate_size: 1024,
    num_hidden_layers: 6,
    num_attention_heads: 6,
    max_position_embeddings: length,
    rms_norm_eps: 1e-6,
    rope_theta: 1e4,
    rope_scaling: null,
    tie_word_embeddings: true,
    attention_bias: false,
    q_lora_rank: 192,
    kv_lora_rank: 96,
    qk_nope_head_dim: 64,
    qk_rope_head_dim: 32,
    v_head_dim: 64,
    moe: {
      n_routed_experts: 16,
      num_experts_per_tok: 4,
      scoring_func: 'sigmoid',
      topk_method: 'noaux_tc',
      n_group: 4,
      topk_group: 2,
      norm_topk_prob: true,
      routed_scaling_factor: 2.5,
      moe_intermediate_size: 256,
      n_shared_experts: 1,
      first_k_dense_replace: 1,
      moe_layer_freq: 1,
    },
  },
}

const windows = packStream([Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 8000)], length, 0)
const packed = { ...windows, segments: new Int32Array(windows.inputs.length) }

type Change = Partial<RunOptions>

const techniques: Readonly<Record<string, Change | ((weights: () => Weights) => Change)>> = {
  fp32: {},
  'one pass a step': { batch: { windows: 8, accumulate: 1 } },
  bf16: { precision: 'bf16' },
  'several documents in a window': { data: { train: packed, valid: windows } },
  'logits of all tokens at once': { lossChunkTokens: 0 },
  'logits at once, bf16': { lossChunkTokens: 0, precision: 'bf16' },
  'every layer computed again': { checkpointing: { every: 1 } },
  'every 3 layers, bf16': { checkpointing: { every: 3 }, precision: 'bf16' },
  'a target of 700 MiB': { checkpointing: { memoryTarget: '700MiB' }, batch: { windows: 8, accumulate: 1 } },
  'AdamW in 8 bits': { optimizer: { kind: 'adamw-8bit' }, batch: { windows: 1, accumulate: 1 } },
  Lion: { optimizer: { kind: 'lion' }, batch: { windows: 1, accumulate: 1 } },
  Adafactor: { optimizer: { kind: 'adafactor' }, batch: { windows: 1, accumulate: 1 } },
  Muon: { optimizer: { kind: 'muon' }, batch: { windows: 1, accumulate: 1 } },
  'an average': { average: {} },
  LoRA: (weights) => ({ startFrom: weights(), adapter: {} }),
  'LoRA, bf16, every layer computed again': (weights) => ({
    startFrom: weights(),
    adapter: {},
    precision: 'bf16',
    checkpointing: { every: 1 },
  }),
  DoRA: (weights) => ({ startFrom: weights(), adapter: { dora: true } }),
  'frozen weights in NF4': (weights) => ({ startFrom: weights(), adapter: { quantization: 'nf4' } }),
}

export const planCases: readonly { readonly model: string; readonly technique: string }[] = Object.keys(
  models,
).flatMap((model) => Object.keys(techniques).map((technique) => ({ model, technique })))

export function runOf({ model, technique }: (typeof planCases)[number]): Run {
  const config = models[model]!
  const change = techniques[technique]!
  return defineRun({
    name: 'plan',
    folder: 'unused',
    model: config,
    data: { train: windows, valid: windows },
    batch: { windows: 8, accumulate: 2 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 3, floorFraction: 1 },
    evaluate: { everySteps: 100 },
    ...(typeof change === 'function' ? change(() => freshWeights(config)) : change),
  })
}

function freshWeights(config: ModelConfig): Weights {
  return scope(() => {
    const parameters = createModel(config).parameters()
    initializeDecoder(parameters, config.num_hidden_layers)
    return toHost(parameters)
  })
}
