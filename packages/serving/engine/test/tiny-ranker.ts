/** A tiny Qwen3 reranker with random weights: its score is a softmax over two labels at the last token. */

import { gguf, type TensorSource, writeGguf } from '@hadal/formats'

/** Letters, and the tokens of the template. */
const vocabulary = ['<s>', '</s>', '<q>', '<d>', 'Ġ', ...'abcdefghijklmnopqrstuvwxyz']
export const rankerTokens = { query: 2, document: 3, space: 4, a: 5 } as const

export function writeTinyRanker(path: string, template?: string): void {
  const [width, headSize, heads, feedForward, layers] = [32, 16, 2, 64, 2]
  let state = 7
  const random = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32 - 0.5
  }
  const weight = (name: string, rows: number, columns: number): TensorSource<'F32'> => ({
    name,
    shape: [rows, columns],
    type: 'F32',
    data: Float32Array.from({ length: rows * columns }, random),
  })
  const norm = (name: string, size: number): TensorSource<'F32'> => ({
    name,
    shape: [size],
    type: 'F32',
    data: new Float32Array(size).fill(1),
  })
  writeGguf(path, {
    metadata: {
      'general.architecture': gguf.string('qwen3'),
      'general.name': gguf.string('tiny ranker'),
      'qwen3.context_length': gguf.uint32(128),
      'qwen3.embedding_length': gguf.uint32(width),
      'qwen3.block_count': gguf.uint32(layers),
      'qwen3.feed_forward_length': gguf.uint32(feedForward),
      'qwen3.attention.head_count': gguf.uint32(heads),
      'qwen3.attention.head_count_kv': gguf.uint32(heads),
      'qwen3.attention.key_length': gguf.uint32(headSize),
      'qwen3.attention.value_length': gguf.uint32(headSize),
      'qwen3.attention.layer_norm_rms_epsilon': gguf.float32(1e-6),
      'qwen3.rope.freq_base': gguf.float32(10_000),
      'qwen3.pooling_type': gguf.uint32(4),
      'qwen3.classifier.output_labels': gguf.strings(['yes', 'no']),
      'tokenizer.ggml.model': gguf.string('gpt2'),
      'tokenizer.ggml.pre': gguf.string('gpt-2'),
      'tokenizer.ggml.tokens': gguf.strings(vocabulary),
      'tokenizer.ggml.token_type': gguf.int32s(vocabulary.map((_, at) => (at < 4 ? 3 : 1))),
      'tokenizer.ggml.merges': gguf.strings([]),
      'tokenizer.ggml.bos_token_id': gguf.uint32(0),
      'tokenizer.ggml.eos_token_id': gguf.uint32(1),
      'tokenizer.ggml.add_bos_token': gguf.bool(true),
      'tokenizer.ggml.add_eos_token': gguf.bool(true),
      ...(template !== undefined && { 'tokenizer.chat_template.rerank': gguf.string(template) }),
    },
    tensors: [
      weight('token_embd.weight', vocabulary.length, width),
      norm('output_norm.weight', width),
      weight('cls.output.weight', 2, width),
      ...Array.from({ length: layers }, (_, layer) => [
        norm(`blk.${layer}.attn_norm.weight`, width),
        weight(`blk.${layer}.attn_q.weight`, width, width),
        weight(`blk.${layer}.attn_k.weight`, width, width),
        weight(`blk.${layer}.attn_v.weight`, width, width),
        weight(`blk.${layer}.attn_output.weight`, width, width),
        norm(`blk.${layer}.attn_q_norm.weight`, headSize),
        norm(`blk.${layer}.attn_k_norm.weight`, headSize),
        norm(`blk.${layer}.ffn_norm.weight`, width),
        weight(`blk.${layer}.ffn_gate.weight`, feedForward, width),
        weight(`blk.${layer}.ffn_up.weight`, feedForward, width),
        weight(`blk.${layer}.ffn_down.weight`, width, feedForward),
      ]).flat(),
    ],
  })
}
