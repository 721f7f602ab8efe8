/** Checkpoint folders for tests: small models of every architecture, written with the file writer and random weights. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TensorSource, writeSafetensors } from '@hadal/formats'
import { type ModelConfig, wantedTensors } from '@hadal/nn'

const llama = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 12,
  hidden_size: 8,
  intermediate_size: 6,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
}
const deepSeekV2 = {
  architectures: ['DeepseekV2ForCausalLM'],
  model_type: 'deepseek_v2',
  vocab_size: 12,
  hidden_size: 8,
  intermediate_size: 6,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 16,
  q_lora_rank: null,
  kv_lora_rank: 4,
  qk_nope_head_dim: 4,
  qk_rope_head_dim: 2,
  v_head_dim: 3,
  n_routed_experts: 4,
  num_experts_per_tok: 2,
  n_shared_experts: 2,
  moe_intermediate_size: 5,
  first_k_dense_replace: 1,
}

export const configs = {
  llama,
  tied: { ...llama, tie_word_embeddings: true },
  qwen2: { ...llama, architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' },
  qwen3: { ...llama, architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', head_dim: 6 },
  deepSeekV2,
  deepSeekV3: {
    ...deepSeekV2,
    architectures: ['DeepseekV3ForCausalLM'],
    model_type: 'deepseek_v3',
    q_lora_rank: 5,
    attention_bias: true,
    n_group: 2,
    topk_group: 1,
  },
  noExperts: { ...deepSeekV2, n_routed_experts: null },
} as const

export type FloatType = 'F32' | 'F16' | 'BF16'
export type Source = TensorSource<FloatType>

/** Random tensors for all that an architecture wants, the same in every run. */
export function weightsFor(config: ModelConfig, type: FloatType): Source[] {
  let state = 1
  return [...wantedTensors(config)].map(({ name, shape }) => {
    const count = shape.reduce((product, size) => product * size, 1)
    const data = Float32Array.from({ length: count }, () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647 - 0.5
    })
    return { name, shape, type, data }
  })
}

/** One file, or the requested number of shards with their index. */
export function writeFolder(
  folder: string,
  config: unknown,
  tensors: readonly TensorSource<never>[] | readonly Source[],
  shards = 1,
): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const all = tensors as readonly Source[]
  if (shards === 1) {
    writeSafetensors(join(folder, 'model.safetensors'), all, { format: 'pt' })
    return
  }
  const weight_map: Record<string, string> = {}
  for (let shard = 0; shard < shards; shard += 1) {
    const name = shardName(shard, shards)
    const part = all.filter((_, index) => index % shards === shard)
    for (const tensor of part) weight_map[tensor.name] = name
    writeSafetensors(join(folder, name), part)
  }
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }))
}

export const shardName = (shard: number, shards: number): string =>
  `model-${String(shard + 1).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}.safetensors`
