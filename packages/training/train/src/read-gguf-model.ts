/**
 * A Llama-shaped model that Hadal exported, read back from its GGUF file: configuration, weights in fp32, tokenizer. Where the file is
 * rounded, as that of the bundled model in Q8_0, these are the weights it was trained to but for the rounding.
 */

import { type Gguf, openGguf } from '@hadal/formats'
import { type DecoderConfig, qwen2Pattern, Tokenizer } from '@hadal/nn'
import { ggufModelUnreadable } from './errors.ts'
import type { HostTensor, Weights } from './weights.ts'

export interface ReadGgufModel {
  readonly model: DecoderConfig
  readonly weights: Weights
  readonly tokenizer: Tokenizer
}

/**
 * Throws `train_gguf_model_unreadable` for unsupported architectures, and what `openGguf` throws.
 *
 * @example
 * ```ts
 * import { readGgufModel } from '@hadal/train'
 *
 * const { model, weights, tokenizer } = readGgufModel('base.gguf') // to train on: { model, startFrom: weights }
 * ```
 */
export function readGgufModel(path: string): ReadGgufModel {
  using file = openGguf(path)
  if (file.get('general.architecture') !== 'llama')
    throw ggufModelUnreadable(path, String(file.get('general.architecture')))
  const model = configOf(file)
  return { model, weights: weightsOf(file, model), tokenizer: tokenizerOf(file) }
}

function configOf(file: Gguf): DecoderConfig {
  const number = (key: string): number => Number(file.get(`llama.${key}`))
  const heads = number('attention.head_count')
  const [vocabulary, width] = file.tensors.get('token_embd.weight')!.shape as [number, number]
  return {
    model_type: 'llama',
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: number('feed_forward_length'),
    num_hidden_layers: number('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: number('attention.head_count_kv'),
    max_position_embeddings: number('context_length'),
    rms_norm_eps: Math.fround(number('attention.layer_norm_rms_epsilon')),
    rope_theta: number('rope.freq_base'),
    tie_word_embeddings: !file.tensors.has('output.weight'),
    head_dim: number('rope.dimension_count'),
  }
}

const outer: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
}

const inLayer: Readonly<Record<string, string>> = {
  'input_layernorm.weight': 'attn_norm.weight',
  'self_attn.q_proj.weight': 'attn_q.weight',
  'self_attn.k_proj.weight': 'attn_k.weight',
  'self_attn.v_proj.weight': 'attn_v.weight',
  'self_attn.o_proj.weight': 'attn_output.weight',
  'post_attention_layernorm.weight': 'ffn_norm.weight',
  'mlp.gate_proj.weight': 'ffn_gate.weight',
  'mlp.up_proj.weight': 'ffn_up.weight',
  'mlp.down_proj.weight': 'ffn_down.weight',
}

function weightsOf(file: Gguf, { num_hidden_layers, tie_word_embeddings, head_dim }: DecoderConfig): Weights {
  const read = (name: string): HostTensor => ({
    shape: file.tensors.get(name)!.shape,
    values: file.readFloats(name),
  })
  const found = new Map<string, HostTensor>()
  for (const [name, stored] of Object.entries(outer))
    if (name !== 'lm_head.weight' || !tie_word_embeddings) found.set(name, read(stored))
  for (let layer = 0; layer < num_hidden_layers; layer += 1)
    for (const [name, stored] of Object.entries(inLayer)) {
      const tensor = read(`blk.${layer}.${stored}`)
      const isTurned = /attn_[qk]\./.test(stored)
      found.set(`model.layers.${layer}.${name}`, isTurned ? withHalves(tensor, head_dim!) : tensor)
    }
  return found
}

/** Rows of each head as Hugging Face has them: llama.cpp's neighbours apart again, the first of each pair in the first half. */
function withHalves({ shape, values }: HostTensor, width: number): HostTensor {
  const [rows, columns] = shape as [number, number]
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row += 1) {
    const within = row % width
    const target = row - within + (within % 2) * (width / 2) + Math.floor(within / 2)
    out.set(values.subarray(row * columns, (row + 1) * columns), target * columns)
  }
  return { shape, values: out }
}

const controlToken = 3

function tokenizerOf(file: Gguf): Tokenizer {
  const list = <Item>(key: string): Item[] => [...(file.get(`tokenizer.ggml.${key}`) as Iterable<Item>)]
  const tokens = list<string>('tokens')
  const types = list<number>('token_type')
  const added = tokens.flatMap((content, id) => (types[id] === controlToken ? [{ id, content }] : []))
  const special = new Set(added.map(({ id }) => id))
  return Tokenizer.fromHuggingFace({
    added_tokens: added.map((each) => ({
      ...each,
      special: true,
      normalized: false,
      lstrip: false,
      rstrip: false,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: qwen2Pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(tokens.flatMap((token, id) => (special.has(id) ? [] : [[token, id]]))),
      merges: list<string>('merges'),
    },
  })
}
