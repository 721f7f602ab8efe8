/** Writes a model as a Hugging Face folder: config.json, model.safetensors and the tokenizer's files. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafetensors } from '@hadal/formats'
import {
  type DecoderConfig,
  type DeepSeekConfig,
  deepSeekConfigJson,
  headDim,
  isDeepSeekConfig,
  type ModelConfig,
} from '@hadal/nn'
import { quantizationKey, trainedOf } from '../quantization/trained-quantization.ts'
import { checkModel } from './check-model.ts'
import { type ModelFile, rolesOf } from './model-file.ts'
import { orUnwritable } from './or-unwritable.ts'

/** Storage type of the weights. */
export type SafetensorsPrecision = 'F32' | 'F16' | 'BF16'

const dtypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

/**
 * Creates `folder` if needed. Weights that the model keeps in fp32 at any compute precision stay fp32. Throws what `checkModel`
 * throws, `train_export_unwritable` and `tensor_file_unwritable`.
 *
 * @example
 * ```ts
 * import { loadTokenizer, Tokenizer } from '@hadal/nn'
 * import { exportHuggingFace, newestWeights, readModel } from '@hadal/train'
 *
 * const { tokenizer } = loadTokenizer('models/base')
 * const { model: config } = readModel('models/base')
 * if (tokenizer instanceof Tokenizer) exportHuggingFace('out', { config, weights: newestWeights('runs/chats'), tokenizer }, 'BF16')
 * ```
 */
export function exportHuggingFace(
  folder: string,
  model: ModelFile,
  precision: SafetensorsPrecision = 'F32',
): void {
  checkModel('a Hugging Face folder', model)
  orUnwritable(folder, () => writeFolder(folder, model, precision))
}

function writeFolder(folder: string, model: ModelFile, precision: SafetensorsPrecision): void {
  const { config, weights, tokenizer, chatTemplate, quantization } = model
  mkdirSync(folder, { recursive: true })
  const writeJson = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`)
  writeSafetensors(
    join(folder, 'model.safetensors'),
    [...weights].map(([name, { shape, values }]) => ({
      name,
      shape,
      type: name.endsWith('.e_score_correction_bias') ? ('F32' as const) : precision,
      data: values,
    })),
    { format: 'pt' },
  )
  const { begin, end, pad, addBegin } = rolesOf(model)
  const ids = {
    bos_token_id: tokenizer.special(begin),
    eos_token_id: [...new Set([end, pad])].map((token) => tokenizer.special(token)),
  }
  writeJson('config.json', {
    ...modelConfig(config),
    torch_dtype: dtypes[precision],
    ...ids,
    ...(quantization && { [quantizationKey]: trainedOf(quantization) }),
  })
  writeJson('generation_config.json', ids)
  writeJson('tokenizer.json', tokenizer.toHuggingFace())
  writeJson('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: addBegin,
    bos_token: begin,
    eos_token: end,
    pad_token: pad,
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
})

const decoderConfig = (config: DecoderConfig): Readonly<Record<string, unknown>> => ({
  model_type: 'llama',
  ...config,
  head_dim: headDim(config),
  // Other families have it implied.
  ...((config.model_type ?? 'llama') === 'llama' && { attention_bias: false, mlp_bias: false }),
})

const deepSeekConfig = (config: DeepSeekConfig): Readonly<Record<string, unknown>> => ({
  ...deepSeekConfigJson(config),
  // transformers has different defaults for these: experts in all layers but the first, V3's heads, width of rotary positions.
  ...(config.moe === null && { n_routed_experts: null, first_k_dense_replace: config.num_hidden_layers }),
  num_key_value_heads: config.num_attention_heads,
  head_dim: config.qk_rope_head_dim,
})
