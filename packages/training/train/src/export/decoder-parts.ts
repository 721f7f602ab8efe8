/** A Llama, Qwen2 or Qwen3 model in llama.cpp's layout: names, hyperparameters, permuted query and key rows for Llama. */

import { gguf } from '@hadal/formats'
import { type DecoderConfig, headDim, llama3Frequencies } from '@hadal/nn'
import { exportUnsupported } from '../errors.ts'
import type { HostTensor, Weights } from '../weights.ts'
import { asItIs, type GgufParts, renamed, type UntypedTensor } from './gguf-parts.ts'

/** Names of weights within a layer. */
export const decoderNames: Readonly<Record<string, string>> = {
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

/** Throws `train_export_unsupported` for stretched positions of Qwen2 and Qwen3, which llama.cpp reads for Llama only. */
export function decoderParts(config: DecoderConfig, weights: Weights): GgufParts {
  const { model_type: architecture = 'llama', rope_scaling } = config
  if (rope_scaling && architecture !== 'llama')
    throw exportUnsupported('GGUF', `rope_scaling of ${rope_scaling.rope_type} in a ${architecture}`)
  const tensors = renamed(weights, (name, tensor, prefix) => {
    const to = prefix + decoderNames[name]
    const turned = architecture === 'llama' && /^self_attn\.[qk]_proj\.weight$/.test(name)
    return [turned ? withNeighbours(to, tensor, headDim(config)) : asItIs(to, tensor)]
  })
  return {
    architecture,
    values: {
      block_count: gguf.uint32(config.num_hidden_layers),
      context_length: gguf.uint32(config.max_position_embeddings),
      embedding_length: gguf.uint32(config.hidden_size),
      feed_forward_length: gguf.uint32(config.intermediate_size),
      'attention.head_count': gguf.uint32(config.num_attention_heads),
      'attention.head_count_kv': gguf.uint32(config.num_key_value_heads),
      'attention.layer_norm_rms_epsilon': gguf.float32(config.rms_norm_eps),
      // By default llama.cpp divides the width by the number of heads.
      ...(config.head_dim !== undefined && {
        'attention.key_length': gguf.uint32(config.head_dim),
        'attention.value_length': gguf.uint32(config.head_dim),
      }),
      'rope.dimension_count': gguf.uint32(headDim(config)),
      'rope.freq_base': gguf.float32(config.rope_theta),
      vocab_size: gguf.uint32(config.vocab_size),
    },
    tensors: rope_scaling ? [ropeFactors(config, rope_scaling), ...tensors] : tensors,
  }
}

/** Slow-down factor of each pair of dimensions; llama.cpp divides by it. */
function ropeFactors(
  config: DecoderConfig,
  scaling: NonNullable<DecoderConfig['rope_scaling']>,
): UntypedTensor {
  const width = headDim(config)
  const scaled = llama3Frequencies(width, config.rope_theta, scaling)
  const factors = scaled.map((frequency, pair) => config.rope_theta ** (-(2 * pair) / width) / frequency)
  return { name: 'rope_freqs.weight', shape: [factors.length], data: () => Float32Array.from(factors) }
}

/**
 * llama.cpp rotates neighbouring pairs where Hugging Face rotates halves, so each head's rows of q and k change places: row i of
 * the first half and row i of the second become neighbours.
 */
export function withNeighbours(name: string, { shape, values }: HostTensor, width: number): UntypedTensor {
  const [rows, columns] = shape as [number, number]
  const data = (): Float32Array => {
    const out = new Float32Array(values.length)
    for (let row = 0; row < rows; row += 1) {
      const within = row % width
      const source = row - within + (within % 2) * (width / 2) + Math.floor(within / 2)
      out.set(values.subarray(source * columns, (source + 1) * columns), row * columns)
    }
    return out
  }
  return { name, shape, data }
}
