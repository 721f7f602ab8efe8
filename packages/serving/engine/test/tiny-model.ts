/**
 * Tiny GGUF models for tests, generated in milliseconds. With `random` weights the output is arbitrary; with a `chain` each
 * token is followed by the one that the chain names, so that the output is known.
 */

import { type GgufMetadata, type GgufTensorType, gguf, type TensorSource, writeGguf } from '@hadal/formats'

/** Bytes are tokens 0 to 255; these follow. */
export const tokens = { bos: 256, eos: 257, th: 258, the: 259, user: 260 } as const
const vocabularySize = 261

export interface TinyModelOptions {
  /** The successor of each token; `eos` by default. */
  readonly chain?: Readonly<Record<number, number>>
  readonly contextLength?: number
  readonly seed?: number
  readonly type?: 'F32' | 'F16' | 'Q8_0'
  readonly chatTemplate?: string
  /** Both have the same token ids: GPT-2 bytes, or sentencepiece. */
  readonly vocabulary?: 'bytes' | 'sentencepiece' | 'sentencepiece without bytes'
  readonly metadata?: GgufMetadata
  /** Number of feed-forward experts per layer, of which two are used. */
  readonly experts?: number
}

/** From `bos` through the bytes of `text`, which must be distinct, to `eos`. */
export function chainOf(text: string): Record<number, number> {
  const path = [tokens.bos, ...new TextEncoder().encode(text), tokens.eos]
  if (new Set(path).size !== path.length) throw new Error(`a byte comes twice in ${text}`)
  return Object.fromEntries(path.slice(1).map((token, at) => [path[at]!, token]))
}

export function writeTinyModel(path: string, options: TinyModelOptions = {}): void {
  const { chain, contextLength = 512, seed = 1, chatTemplate, vocabulary: kind = 'bytes' } = options
  const { experts } = options
  // A chain needs one dimension per token.
  const width = chain === undefined ? 128 : 288
  const shape = { width, layers: chain === undefined ? 3 : 1, heads: 4, kvHeads: 2, feedForward: 256 }
  const random = gaussian(seed)
  const zero = (): number => 0
  const type = options.type ?? (chain === undefined ? 'Q8_0' : 'F32')
  const tensor = (
    name: string,
    rows: number,
    columns: number,
    value: (row: number, column: number) => number,
  ) => ({
    name,
    shape: [rows, columns],
    type,
    data: fill(rows, columns, value),
  })
  const norm = (name: string): TensorSource<'F32'> => ({
    name,
    shape: [width],
    type: 'F32',
    data: new Float32Array(width).fill(1),
  })
  const weight = chain === undefined ? () => random() * 0.15 : zero
  const network = (
    layer: number,
    name: string,
    rows: number,
    columns: number,
  ): TensorSource<GgufTensorType> => {
    if (experts === undefined) return tensor(`blk.${layer}.ffn_${name}.weight`, rows, columns, weight)
    const all = tensor(`blk.${layer}.ffn_${name}_exps.weight`, experts * rows, columns, weight)
    return { ...all, shape: [experts, rows, columns] }
  }
  const embedding =
    chain === undefined ? () => random() : (row: number, column: number) => Number(row === column)
  const head =
    chain === undefined
      ? () => random()
      : (row: number, column: number) =>
          Number(column < vocabularySize && (chain[column] ?? tokens.eos) === row)
  const kvWidth = (width / shape.heads) * shape.kvHeads
  writeGguf(path, {
    metadata: {
      'general.architecture': gguf.string('llama'),
      'general.name': gguf.string('tiny'),
      'llama.context_length': gguf.uint32(contextLength),
      'llama.embedding_length': gguf.uint32(width),
      'llama.block_count': gguf.uint32(shape.layers),
      'llama.feed_forward_length': gguf.uint32(shape.feedForward),
      'llama.attention.head_count': gguf.uint32(shape.heads),
      'llama.attention.head_count_kv': gguf.uint32(shape.kvHeads),
      'llama.attention.layer_norm_rms_epsilon': gguf.float32(1e-5),
      'llama.rope.dimension_count': gguf.uint32(width / shape.heads),
      'llama.rope.freq_base': gguf.float32(10_000),
      ...(experts !== undefined && {
        'llama.expert_count': gguf.uint32(experts),
        'llama.expert_used_count': gguf.uint32(2),
      }),
      ...(kind === 'bytes' ? bytes() : sentencepiece(kind === 'sentencepiece')),
      ...(chatTemplate !== undefined && { 'tokenizer.chat_template': gguf.string(chatTemplate) }),
      ...options.metadata,
    },
    tensors: [
      tensor('token_embd.weight', vocabularySize, width, embedding),
      norm('output_norm.weight'),
      tensor('output.weight', vocabularySize, width, head),
      ...Array.from({ length: shape.layers }, (_, layer) => [
        norm(`blk.${layer}.attn_norm.weight`),
        tensor(`blk.${layer}.attn_q.weight`, width, width, weight),
        tensor(`blk.${layer}.attn_k.weight`, kvWidth, width, weight),
        tensor(`blk.${layer}.attn_v.weight`, kvWidth, width, weight),
        tensor(`blk.${layer}.attn_output.weight`, width, width, weight),
        norm(`blk.${layer}.ffn_norm.weight`),
        ...(experts === undefined
          ? []
          : [tensor(`blk.${layer}.ffn_gate_inp.weight`, experts, width, weight)]),
        network(layer, 'gate', shape.feedForward, width),
        network(layer, 'up', shape.feedForward, width),
        network(layer, 'down', width, shape.feedForward),
      ]).flat(),
    ],
  })
}

/** ASCII bytes are normal tokens; the others are byte tokens or missing. `the` is only " th" here. */
function sentencepiece(withBytes: boolean): GgufMetadata {
  const pieces = Array.from({ length: 256 }, (_, byte) => {
    if (byte > 32 && byte < 127) return { text: String.fromCharCode(byte), type: 1 }
    if (byte === 32) return { text: '▁', type: 1 }
    if (withBytes) return { text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, type: 6 }
    return { text: `<unused${byte}>`, type: byte === 0 ? 2 : 5 }
  })
  return {
    'tokenizer.ggml.model': gguf.string('llama'),
    'tokenizer.ggml.tokens': gguf.strings([
      ...pieces.map(({ text }) => text),
      '<s>',
      '</s>',
      '▁t',
      '▁th',
      '<user>',
    ]),
    'tokenizer.ggml.scores': gguf.float32s([...pieces.map(() => -10), 0, 0, -2, -1, 0]),
    'tokenizer.ggml.token_type': gguf.int32s([...pieces.map(({ type }) => type), 3, 3, 1, 1, 3]),
    'tokenizer.ggml.bos_token_id': gguf.uint32(tokens.bos),
    'tokenizer.ggml.eos_token_id': gguf.uint32(tokens.eos),
    'tokenizer.ggml.unknown_token_id': gguf.uint32(0),
    'tokenizer.ggml.add_bos_token': gguf.bool(true),
  }
}

function bytes(): GgufMetadata {
  const bytes = Array.from({ length: 256 }, (_, byte) => spell(byte))
  return {
    'tokenizer.ggml.model': gguf.string('gpt2'),
    'tokenizer.ggml.pre': gguf.string('gpt-2'),
    'tokenizer.ggml.tokens': gguf.strings([...bytes, '<s>', '</s>', 'th', 'the', '<user>']),
    'tokenizer.ggml.token_type': gguf.int32s([...bytes.map(() => 1), 3, 3, 1, 1, 3]),
    'tokenizer.ggml.merges': gguf.strings(['t h', 'th e']),
    'tokenizer.ggml.bos_token_id': gguf.uint32(tokens.bos),
    'tokenizer.ggml.eos_token_id': gguf.uint32(tokens.eos),
    'tokenizer.ggml.add_bos_token': gguf.bool(true),
  }
}

/** GPT-2's printable representation of a byte. */
function spell(byte: number): string {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255)
  if (printable(byte)) return String.fromCharCode(byte)
  const unprintableBefore = Array.from({ length: byte }, (_, before) => before).filter(
    (b) => !printable(b),
  ).length
  return String.fromCharCode(256 + unprintableBefore)
}

function fill(rows: number, columns: number, value: (row: number, column: number) => number): Float32Array {
  const data = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) data[row * columns + column] = value(row, column)
  return data
}

/** Box-Muller over xorshift32. */
function gaussian(seed: number): () => number {
  let state = seed
  const uniform = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 1) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}
