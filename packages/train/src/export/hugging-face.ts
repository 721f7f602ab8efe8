/** Writes a model as a Hugging Face folder: config.json, model.safetensors and the tokenizer's files. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafetensors } from '@hadal/formats'
import {
  chatTokens,
  type DecoderConfig,
  type DeepSeekConfig,
  deepSeekConfigJson,
  headDim,
  isDeepSeekConfig,
  type ModelConfig,
} from '@hadal/nn'
import type { ModelFile } from './gguf.ts'

/** Makes `folder` if need be; the weights are fp32. */
export function exportHuggingFace(
  folder: string,
  { config, weights, tokenizer, chatTemplate }: ModelFile,
): void {
  mkdirSync(folder, { recursive: true })
  const writeJson = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`)
  writeSafetensors(
    join(folder, 'model.safetensors'),
    [...weights].map(([name, { shape, values }]) => ({ name, shape, type: 'F32' as const, data: values })),
    { format: 'pt' },
  )
  const endOfText = tokenizer.special(chatTokens.endOfText)
  const ends = chatTemplate === undefined ? [endOfText] : [tokenizer.special(chatTokens.end), endOfText]
  writeJson('config.json', { ...modelConfig(config), bos_token_id: endOfText, eos_token_id: ends })
  writeJson('generation_config.json', { bos_token_id: endOfText, eos_token_id: ends })
  writeJson('tokenizer.json', tokenizer.toHuggingFace())
  writeJson('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: false,
    eos_token: chatTemplate === undefined ? chatTokens.endOfText : chatTokens.end,
    pad_token: chatTokens.endOfText,
    model_max_length: config.max_position_embeddings,
    ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
  })
}

const architectures = {
  llama: 'LlamaForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
  deepseek_v2: 'DeepseekV2ForCausalLM',
  deepseek_v3: 'DeepseekV3ForCausalLM',
} as const

const modelConfig = (config: ModelConfig): Readonly<Record<string, unknown>> => ({
  architectures: [architectures[config.model_type ?? 'llama']],
  ...(isDeepSeekConfig(config) ? deepSeekConfig(config) : decoderConfig(config)),
  hidden_act: 'silu',
  torch_dtype: 'float32',
})

const decoderConfig = (config: DecoderConfig): Readonly<Record<string, unknown>> => ({
  model_type: 'llama',
  ...config,
  head_dim: headDim(config),
  // Of the others it is known.
  ...((config.model_type ?? 'llama') === 'llama' && { attention_bias: false, mlp_bias: false }),
})

const deepSeekConfig = (config: DeepSeekConfig): Readonly<Record<string, unknown>> => ({
  ...deepSeekConfigJson(config),
  // transformers has defaults of its own for these: experts in all layers but the first, heads of V3, width of rotary positions.
  ...(config.moe === null && { n_routed_experts: null, first_k_dense_replace: config.num_hidden_layers }),
  num_key_value_heads: config.num_attention_heads,
  head_dim: config.qk_rope_head_dim,
})
