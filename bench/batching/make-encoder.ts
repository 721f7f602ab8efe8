/**
 * A BERT of the size and shape of all-MiniLM-L6 with random weights, for measuring speed where nothing may be downloaded. Its
 * vectors are noise; what a pass costs is real.
 */

import { existsSync } from 'node:fs'
import { seededRandom } from '@hadal/batching'
import { type GgufContents, gguf, writeGguf } from '@hadal/formats'

const shape = {
  width: 384,
  layers: 6,
  heads: 12,
  feedForward: 1536,
  vocabulary: 30_522,
  context: 512,
} as const
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const

export function makeEncoder(path: string): void {
  if (existsSync(path)) return
  const { width, layers, feedForward, vocabulary, context } = shape
  const random = seededRandom(1)
  const weight = (name: string, rows: number, columns: number, type: 'Q8_0' | 'F32' = 'Q8_0') => ({
    name: `${name}.weight`,
    shape: [rows, columns],
    type,
    data: () => Float32Array.from({ length: rows * columns }, () => (random() - 0.5) / Math.sqrt(columns)),
  })
  const filled = (name: string, length: number, value: number) => ({
    name,
    shape: [length],
    type: 'F32' as const,
    data: () => new Float32Array(length).fill(value),
  })
  const linear = (name: string, rows: number, columns: number) => [
    weight(name, rows, columns),
    filled(`${name}.bias`, rows, 0),
  ]
  const norm = (name: string) => [filled(`${name}.weight`, width, 1), filled(`${name}.bias`, width, 0)]
  const layer = (at: number): GgufContents['tensors'] =>
    [
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) =>
        linear(`blk.${at}.${name}`, width, width),
      ),
      norm(`blk.${at}.attn_output_norm`),
      linear(`blk.${at}.ffn_up`, feedForward, width),
      linear(`blk.${at}.ffn_down`, width, feedForward),
      norm(`blk.${at}.layer_output_norm`),
    ].flat()
  const tensors = [
    weight('token_embd', vocabulary, width),
    weight('token_types', 2, width, 'F32'),
    weight('position_embd', context, width, 'F32'),
    ...norm('token_embd_norm'),
    ...Array.from({ length: layers }, (_, at) => layer(at)).flat(),
  ]
  writeGguf(path, { metadata: metadata(), tensors })
}

function metadata(): GgufContents['metadata'] {
  const { width, layers, heads, feedForward, vocabulary, context } = shape
  const tokens = Array.from({ length: vocabulary }, (_, at) => special[at] ?? `\u2581word${at}`)
  return {
    'general.architecture': gguf.string('bert'),
    'general.name': gguf.string('random encoder'),
    'bert.context_length': gguf.uint32(context),
    'bert.embedding_length': gguf.uint32(width),
    'bert.block_count': gguf.uint32(layers),
    'bert.feed_forward_length': gguf.uint32(feedForward),
    'bert.attention.head_count': gguf.uint32(heads),
    'bert.attention.layer_norm_epsilon': gguf.float32(1e-12),
    'bert.attention.causal': gguf.bool(false),
    'bert.pooling_type': gguf.uint32(1),
    'tokenizer.ggml.model': gguf.string('bert'),
    'tokenizer.ggml.tokens': gguf.strings(tokens),
    'tokenizer.ggml.token_type': gguf.int32s(
      tokens.map((_, at) => (at === 1 ? 2 : at < special.length ? 3 : 1)),
    ),
    'tokenizer.ggml.token_type_count': gguf.uint32(2),
    'tokenizer.ggml.padding_token_id': gguf.uint32(0),
    'tokenizer.ggml.unknown_token_id': gguf.uint32(1),
    'tokenizer.ggml.bos_token_id': gguf.uint32(2),
    'tokenizer.ggml.cls_token_id': gguf.uint32(2),
    'tokenizer.ggml.seperator_token_id': gguf.uint32(3),
    'tokenizer.ggml.mask_token_id': gguf.uint32(4),
  }
}
