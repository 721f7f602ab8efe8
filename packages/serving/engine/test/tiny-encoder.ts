/**
 * Tiny GGUF encoders for tests, generated in milliseconds: a BERT with random weights that reads letters and a few words, with
 * or without a classification head.
 */

import { type GgufMetadata, gguf, type TensorSource, writeGguf } from '@hadal/formats'

const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const
const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at))
const words = ['the', 'cat', 'sat', 'hello']
/** The first piece of each word starts with "▁". */
const vocabulary = [
  ...special,
  ...letters.map((each) => `▁${each}`),
  ...letters,
  ...words.map((each) => `▁${each}`),
]

export const encoderTokens = { unknown: 1, begin: 2, end: 3, a: special.length } as const

export interface TinyEncoderOptions {
  readonly contextLength?: number
  readonly seed?: number
  /** Include the classifier tensors. */
  readonly classifier?: boolean
  /** llama.cpp's number of the pooling type in the metadata; absent: no metadata. */
  readonly poolingType?: number
  readonly metadata?: GgufMetadata
}

export const encoderWidth = 32

export function writeTinyEncoder(path: string, options: TinyEncoderOptions = {}): void {
  const { contextLength = 64, seed = 1, classifier = false, poolingType } = options
  const [width, layers, feedForward] = [encoderWidth, 2, 64]
  const random = uniform(seed)
  const tensor = (name: string, shape: number[], value: () => number): TensorSource<'F32'> => ({
    name,
    shape,
    type: 'F32',
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, value),
  })
  const weight = (name: string, rows: number, columns: number): TensorSource<'F32'> =>
    tensor(name, [rows, columns], () => random() - 0.5)
  const norm = (name: string): TensorSource<'F32'>[] => [
    tensor(`${name}.weight`, [width], () => 1),
    tensor(`${name}.bias`, [width], () => 0),
  ]
  writeGguf(path, {
    metadata: {
      'general.architecture': gguf.string('bert'),
      'general.name': gguf.string('tiny encoder'),
      'bert.context_length': gguf.uint32(contextLength),
      'bert.embedding_length': gguf.uint32(width),
      'bert.block_count': gguf.uint32(layers),
      'bert.feed_forward_length': gguf.uint32(feedForward),
      'bert.attention.head_count': gguf.uint32(2),
      'bert.attention.layer_norm_epsilon': gguf.float32(1e-12),
      'bert.attention.causal': gguf.bool(false),
      ...(poolingType !== undefined && { 'bert.pooling_type': gguf.uint32(poolingType) }),
      'tokenizer.ggml.model': gguf.string('bert'),
      'tokenizer.ggml.tokens': gguf.strings(vocabulary),
      'tokenizer.ggml.token_type': gguf.int32s(
        vocabulary.map((_, at) => (at === 1 ? 2 : at < special.length ? 3 : 1)),
      ),
      'tokenizer.ggml.token_type_count': gguf.uint32(2),
      'tokenizer.ggml.padding_token_id': gguf.uint32(0),
      'tokenizer.ggml.unknown_token_id': gguf.uint32(1),
      'tokenizer.ggml.bos_token_id': gguf.uint32(2),
      'tokenizer.ggml.cls_token_id': gguf.uint32(2),
      'tokenizer.ggml.seperator_token_id': gguf.uint32(3),
      'tokenizer.ggml.mask_token_id': gguf.uint32(4),
      ...options.metadata,
    },
    tensors: [
      weight('token_embd.weight', vocabulary.length, width),
      weight('token_types.weight', 2, width),
      weight('position_embd.weight', contextLength, width),
      ...norm('token_embd_norm'),
      ...Array.from({ length: layers }, (_, layer) => [
        weight(`blk.${layer}.attn_q.weight`, width, width),
        weight(`blk.${layer}.attn_k.weight`, width, width),
        weight(`blk.${layer}.attn_v.weight`, width, width),
        weight(`blk.${layer}.attn_output.weight`, width, width),
        ...norm(`blk.${layer}.attn_output_norm`),
        weight(`blk.${layer}.ffn_up.weight`, feedForward, width),
        weight(`blk.${layer}.ffn_down.weight`, width, feedForward),
        ...norm(`blk.${layer}.layer_output_norm`),
      ]).flat(),
      ...(classifier
        ? [
            weight('cls.weight', width, width),
            tensor('cls.bias', [width], () => 0),
            weight('cls.output.weight', 1, width),
            tensor('cls.output.bias', [1], () => 0),
          ]
        : []),
    ],
  })
}

/** xorshift32, 0 to 1. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
