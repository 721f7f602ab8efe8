/**
 * Writes a Llama, Qwen2 or Qwen3 model as GGUF, the file llama.cpp and `hadal serve` load: renamed tensors, permuted query and
 * key rows where llama.cpp wants them so, the tokenizer and the chat template in the metadata. Knows nothing about training.
 */

import { type GgufMetadata, gguf, writeGguf } from '@hadal/formats'
import { chatTokens, type DecoderConfig, headDim, type Tokenizer } from '@hadal/nn'
import { exportUnsupported, vocabularyMismatch } from '../errors.ts'
import type { HostTensor, Weights } from '../weights.ts'

export type GgufPrecision = 'F32' | 'F16' | 'Q8_0'

export interface ModelFile {
  readonly config: DecoderConfig
  readonly weights: Weights
  readonly tokenizer: Tokenizer
  /** Jinja; how a server turns messages into a prompt. The model then ends its turns with `chatTokens.end`. */
  readonly chatTemplate?: string
}

/** llama.cpp's numbers for `general.file_type`. */
const fileTypes: Readonly<Record<GgufPrecision, number>> = { F32: 0, F16: 1, Q8_0: 7 }
const quantizationVersion = 2

/** Matrices in `precision`, vectors in F32. Atomic. Throws `train_vocabulary_mismatch` and `train_export_unsupported`. */
export function exportGguf(path: string, name: string, model: ModelFile, precision: GgufPrecision): void {
  const { config, weights, tokenizer } = model
  if (tokenizer.vocabSize !== config.vocab_size)
    throw vocabularyMismatch(tokenizer.vocabSize, config.vocab_size)
  if (config.rope_scaling) throw exportUnsupported('GGUF', `rope_scaling of ${config.rope_scaling.rope_type}`)
  const tensors = [...weights].map(([hfName, tensor]) => ({
    name: ggufName(hfName),
    shape: tensor.shape,
    type: tensor.shape.length === 1 ? ('F32' as const) : precision,
    data: () => permuted(hfName, tensor, config),
  }))
  writeGguf(path, { metadata: metadata(name, model, precision), tensors })
}

function metadata(
  name: string,
  { config, tokenizer, chatTemplate }: ModelFile,
  precision: GgufPrecision,
): GgufMetadata {
  const architecture = familyOf(config)
  const ofModel = {
    block_count: gguf.uint32(config.num_hidden_layers),
    context_length: gguf.uint32(config.max_position_embeddings),
    embedding_length: gguf.uint32(config.hidden_size),
    feed_forward_length: gguf.uint32(config.intermediate_size),
    'attention.head_count': gguf.uint32(config.num_attention_heads),
    'attention.head_count_kv': gguf.uint32(config.num_key_value_heads),
    'attention.layer_norm_rms_epsilon': gguf.float32(config.rms_norm_eps),
    // Where nothing is said, llama.cpp divides the width by the heads.
    ...(config.head_dim !== undefined && {
      'attention.key_length': gguf.uint32(config.head_dim),
      'attention.value_length': gguf.uint32(config.head_dim),
    }),
    'rope.dimension_count': gguf.uint32(headDim(config)),
    'rope.freq_base': gguf.float32(config.rope_theta),
    vocab_size: gguf.uint32(config.vocab_size),
  }
  return {
    'general.architecture': gguf.string(architecture),
    'general.name': gguf.string(name),
    'general.file_type': gguf.uint32(fileTypes[precision]),
    'general.quantization_version': gguf.uint32(quantizationVersion),
    ...Object.fromEntries(Object.entries(ofModel).map(([key, value]) => [`${architecture}.${key}`, value])),
    ...tokenizer.ggufMetadata({
      end: chatTemplate === undefined ? chatTokens.endOfText : chatTokens.end,
      begin: chatTokens.endOfText,
      pad: chatTokens.endOfText,
    }),
    ...(chatTemplate !== undefined && { 'tokenizer.chat_template': gguf.string(chatTemplate) }),
  }
}

type Family = NonNullable<DecoderConfig['model_type']>

const familyOf = ({ model_type = 'llama' }: DecoderConfig): Family => model_type

const layerNames: Readonly<Record<string, string>> = {
  'input_layernorm.weight': 'attn_norm.weight',
  'self_attn.q_proj.weight': 'attn_q.weight',
  'self_attn.k_proj.weight': 'attn_k.weight',
  'self_attn.v_proj.weight': 'attn_v.weight',
  'self_attn.q_proj.bias': 'attn_q.bias',
  'self_attn.k_proj.bias': 'attn_k.bias',
  'self_attn.v_proj.bias': 'attn_v.bias',
  'self_attn.q_norm.weight': 'attn_q_norm.weight',
  'self_attn.k_norm.weight': 'attn_k_norm.weight',
  'self_attn.o_proj.weight': 'attn_output.weight',
  'post_attention_layernorm.weight': 'ffn_norm.weight',
  'mlp.gate_proj.weight': 'ffn_gate.weight',
  'mlp.up_proj.weight': 'ffn_up.weight',
  'mlp.down_proj.weight': 'ffn_down.weight',
}

const outerNames: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
}

/** `model.layers.0.self_attn.q_proj.weight` to `blk.0.attn_q.weight`. */
function ggufName(name: string): string {
  const layer = /^model\.layers\.(\d+)\.(.+)$/.exec(name)
  const known = layer ? layerNames[layer[2]!] : outerNames[name]
  if (known === undefined) throw new Error(`${name} is no weight of a decoder`)
  return layer ? `blk.${layer[1]}.${known}` : known
}

/**
 * For Llama, llama.cpp rotates neighbouring pairs where Hugging Face rotates halves, so each head's rows of q and k change places:
 * row i of the first half and row i of the second become neighbours.
 */
function permuted(name: string, { shape, values }: HostTensor, config: DecoderConfig): Float32Array {
  if (familyOf(config) !== 'llama' || !/\.self_attn\.[qk]_proj\.weight$/.test(name)) return values
  const [rows, columns] = shape as [number, number]
  const width = headDim(config)
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row += 1) {
    const within = row % width
    const source = row - within + (within % 2) * (width / 2) + Math.floor(within / 2)
    out.set(values.subarray(source * columns, (source + 1) * columns), row * columns)
  }
  return out
}
