/**
 * A model of the size and shape of a 135M-parameter Llama with random weights, for measuring speed where nothing may be
 * downloaded. What it says is noise; what a step costs is real.
 *
 *     npx tsx --conditions=@hadal/source bench/serving/make-model.ts model.gguf
 */

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type GgufContents, gguf, writeGguf } from '@hadal/formats'

const shape = {
  width: 576,
  layers: 30,
  heads: 9,
  keyValueHeads: 3,
  feedForward: 1536,
  vocabulary: 32_768,
  context: 8192,
} as const

/** Words that are one token each; the load generator writes its prompts with such words. */
export const words: readonly string[] =
  'time year people way day man thing woman life child world school state family student group country problem hand part place case week company system program question work government number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head house service friend father power hour game line end member law car city community name president team minute idea body information back parent face others level office door health person art war history party result change morning reason research girl guy moment air teacher force education hello who are you'.split(
    ' ',
  )

export interface MakeModelOptions {
  readonly seed?: number
  readonly layers?: number
  /** The layers after these are computed and add nothing: a model of only these says the same at less cost. */
  readonly workingLayers?: number
}

export function makeModel(
  path: string,
  { seed = 1, layers = shape.layers, workingLayers = layers }: MakeModelOptions = {},
): void {
  const random = noise(seed)
  const { width, heads, keyValueHeads, feedForward, vocabulary } = shape
  const keyValueWidth = (width / heads) * keyValueHeads
  const matrix = (name: string, rows: number, columns: number): GgufContents['tensors'][number] => ({
    name: `${name}.weight`,
    shape: [rows, columns],
    type: 'Q8_0',
    data: () => random(rows * columns, 1 / Math.sqrt(columns)),
  })
  const output = (index: number, name: string, columns: number): GgufContents['tensors'][number] => {
    const weights = matrix(`blk.${index}.${name}`, width, columns)
    return index < workingLayers ? weights : { ...weights, data: () => new Float32Array(width * columns) }
  }
  const norm = (name: string): GgufContents['tensors'][number] => ({
    name: `${name}.weight`,
    shape: [width],
    type: 'F32',
    data: () => new Float32Array(width).fill(1),
  })
  const layer = (index: number): GgufContents['tensors'] => [
    norm(`blk.${index}.attn_norm`),
    matrix(`blk.${index}.attn_q`, width, width),
    matrix(`blk.${index}.attn_k`, keyValueWidth, width),
    matrix(`blk.${index}.attn_v`, keyValueWidth, width),
    output(index, 'attn_output', width),
    norm(`blk.${index}.ffn_norm`),
    matrix(`blk.${index}.ffn_gate`, feedForward, width),
    matrix(`blk.${index}.ffn_up`, feedForward, width),
    output(index, 'ffn_down', feedForward),
  ]
  const embedding = matrix('token_embd', vocabulary, width)
  const tensors = [
    // The head is tied to it: zero rows keep bytes and control tokens from being said. Half a character makes llama-server fail.
    {
      ...embedding,
      data: () => random(vocabulary * width, 1 / Math.sqrt(width)).fill(0, 0, firstWord * width),
    },
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    norm('output_norm'),
  ]
  writeGguf(path, { metadata: metadata(layers), tensors })
}

function metadata(layers: number): GgufContents['metadata'] {
  const { width, heads, keyValueHeads, feedForward, context, vocabulary } = shape
  const tokens = makeVocabulary(vocabulary)
  return {
    'general.architecture': gguf.string('llama'),
    'general.name': gguf.string('random 135M'),
    'general.file_type': gguf.uint32(7),
    'llama.vocab_size': gguf.uint32(vocabulary),
    'llama.context_length': gguf.uint32(context),
    'llama.embedding_length': gguf.uint32(width),
    'llama.block_count': gguf.uint32(layers),
    'llama.feed_forward_length': gguf.uint32(feedForward),
    'llama.attention.head_count': gguf.uint32(heads),
    'llama.attention.head_count_kv': gguf.uint32(keyValueHeads),
    'llama.attention.layer_norm_rms_epsilon': gguf.float32(1e-5),
    'llama.rope.dimension_count': gguf.uint32(width / heads),
    'llama.rope.freq_base': gguf.float32(10_000),
    'tokenizer.ggml.model': gguf.string('llama'),
    'tokenizer.ggml.tokens': gguf.strings(tokens.map((token) => token.text)),
    'tokenizer.ggml.scores': gguf.float32s(tokens.map((_, index) => -index)),
    'tokenizer.ggml.token_type': gguf.int32s(tokens.map((token) => token.type)),
    'tokenizer.ggml.bos_token_id': gguf.uint32(1),
    'tokenizer.ggml.eos_token_id': gguf.uint32(2),
    'tokenizer.ggml.unknown_token_id': gguf.uint32(0),
    'tokenizer.ggml.add_bos_token': gguf.bool(true),
    'tokenizer.ggml.add_eos_token': gguf.bool(false),
    'tokenizer.chat_template': gguf.string(
      "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    ),
  }
}

const tokenTypes = { normal: 1, unknown: 2, control: 3, byte: 6 } as const
const firstFiller = 0x4e00
/** After three control tokens and the bytes. */
const firstWord = 3 + 256

/**
 * SentencePiece-like: control tokens, bytes, every beginning of every word (merging goes through them), and one Chinese
 * character for each of the remaining ones, which no prompt contains and every answer shows.
 */
function makeVocabulary(size: number): { text: string; type: number }[] {
  const tokens: { text: string; type: number }[] = [
    { text: '<unk>', type: tokenTypes.unknown },
    { text: '<s>', type: tokenTypes.control },
    { text: '</s>', type: tokenTypes.control },
  ]
  for (let byte = 0; byte < 256; byte += 1)
    tokens.push({ text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, type: tokenTypes.byte })
  const pieces = new Set<string>()
  for (const word of words) {
    for (let end = 0; end <= word.length; end += 1) pieces.add(`\u2581${word.slice(0, end)}`)
    for (const letter of word) pieces.add(letter)
  }
  for (const text of pieces) tokens.push({ text, type: tokenTypes.normal })
  for (let filler = firstFiller; tokens.length < size; filler += 1)
    tokens.push({ text: String.fromCodePoint(filler), type: tokenTypes.normal })
  return tokens
}

/** Uniform numbers of the deviation asked for: xorshift32, quick enough for a hundred million. */
function noise(seed: number): (count: number, deviation: number) => Float32Array {
  let state = seed
  return (count, deviation) => {
    const values = new Float32Array(count)
    const scale = (deviation * Math.sqrt(3)) / 2 ** 31
    for (let index = 0; index < count; index += 1) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      values[index] = state * scale
    }
    return values
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = process.argv[2] ?? 'random-135m-q8_0.gguf'
  if (!existsSync(path)) makeModel(path)
  console.log(path)
}
