/**
 * Writes a model as GGUF, the file llama.cpp and `hadal serve` load: the family's tensors and hyperparameters, the tokenizer and
 * the chat template. Knows nothing about training.
 */

import { type GgufMetadata, type GgufTensorType, gguf, writeGguf } from '@hadal/formats'
import { chatTokens, isDeepSeekConfig, type ModelConfig, type Tokenizer } from '@hadal/nn'
import { vocabularyMismatch } from '../errors.ts'
import type { Weights } from '../weights.ts'
import { decoderParts } from './decoder-parts.ts'
import { deepSeekParts } from './deepseek-parts.ts'
import type { GgufParts, UntypedTensor } from './gguf-parts.ts'

export type GgufPrecision = 'F32' | 'F16' | 'Q8_0'

export interface ModelFile {
  readonly config: ModelConfig
  readonly weights: Weights
  readonly tokenizer: Tokenizer
  /** Jinja; how a server turns messages into a prompt. The model then ends its turns with `chatTokens.end`. */
  readonly chatTemplate?: string
}

/** llama.cpp's numbers for `general.file_type`. */
const fileTypes: Readonly<Record<GgufPrecision, number>> = { F32: 0, F16: 1, Q8_0: 7 }
const quantizationVersion = 2

/**
 * Matrices in `precision`; vectors and routers in F32, rows that fill no whole blocks in F16. Atomic. Throws
 * `train_vocabulary_mismatch` and `train_export_unsupported`.
 */
export function exportGguf(path: string, name: string, model: ModelFile, precision: GgufPrecision): void {
  const { config, weights, tokenizer } = model
  if (tokenizer.vocabSize !== config.vocab_size)
    throw vocabularyMismatch(tokenizer.vocabSize, config.vocab_size)
  const parts = isDeepSeekConfig(config) ? deepSeekParts(config, weights) : decoderParts(config, weights)
  const tensors = parts.tensors.map((tensor) => ({ ...tensor, type: typeOf(tensor, precision) }))
  writeGguf(path, { metadata: metadata(name, model, parts, precision), tensors })
}

function metadata(
  name: string,
  { tokenizer, chatTemplate }: ModelFile,
  { architecture, values }: GgufParts,
  precision: GgufPrecision,
): GgufMetadata {
  return {
    'general.architecture': gguf.string(architecture),
    'general.name': gguf.string(name),
    'general.file_type': gguf.uint32(fileTypes[precision]),
    'general.quantization_version': gguf.uint32(quantizationVersion),
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value])),
    ...tokenizer.ggufMetadata({
      end: chatTemplate === undefined ? chatTokens.endOfText : chatTokens.end,
      begin: chatTokens.endOfText,
      pad: chatTokens.endOfText,
    }),
    ...(chatTemplate !== undefined && { 'tokenizer.chat_template': gguf.string(chatTemplate) }),
  }
}

function typeOf({ name, shape }: UntypedTensor, precision: GgufPrecision): GgufTensorType {
  if (shape.length === 1 || name.endsWith('.ffn_gate_inp.weight')) return 'F32'
  return precision === 'Q8_0' && shape.at(-1)! % 32 !== 0 ? 'F16' : precision
}
