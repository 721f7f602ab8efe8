/** Summarises a GGUF model before loading it. Reads only the header. */

import { valueCount } from '../element-types.ts'
import { type Gguf, openGguf } from './open-gguf.ts'
import type { GgufTensorType } from './tensor-types.ts'

export interface GgufDescription {
  readonly path: string
  readonly fileBytes: number
  readonly version: number
  readonly architecture: string | undefined
  readonly name: string | undefined
  readonly parameterCount: number
  readonly contextLength: number | undefined
  readonly embeddingLength: number | undefined
  readonly blockCount: number | undefined
  readonly vocabSize: number | undefined
  /** Such as "gpt2 (qwen2)": tokenizer.ggml.model and, where set, tokenizer.ggml.pre. */
  readonly tokenizer: string | undefined
  /** The type that holds most of the parameters. */
  readonly quantization: GgufTensorType | undefined
  /** Parameters by type, most first. */
  readonly parametersByType: ReadonlyMap<GgufTensorType, number>
  readonly chatTemplate: string | undefined
}

/**
 * Throws what `openGguf` throws.
 *
 * @example
 * ```ts
 * import { describeGguf } from '@hadal/formats'
 *
 * const { architecture, quantization, contextLength, parameterCount } = describeGguf('model.gguf') // reads its head alone
 * ```
 */
export function describeGguf(path: string): GgufDescription {
  using file = openGguf(path)
  const architecture = text(file, 'general.architecture')
  const parametersByType = countParameters(file)
  const tokens = file.metadata.get('tokenizer.ggml.tokens')
  return {
    path,
    fileBytes: file.fileBytes,
    version: file.version,
    architecture,
    name: text(file, 'general.name'),
    parameterCount: [...parametersByType.values()].reduce((sum, count) => sum + count, 0),
    contextLength: count(file, `${architecture}.context_length`),
    embeddingLength: count(file, `${architecture}.embedding_length`),
    blockCount: count(file, `${architecture}.block_count`),
    vocabSize: tokens?.type === 'array' ? tokens.value.length : count(file, `${architecture}.vocab_size`),
    tokenizer: tokenizerOf(file),
    quantization: [...parametersByType.keys()][0],
    parametersByType,
    chatTemplate: text(file, 'tokenizer.chat_template'),
  }
}

function countParameters(file: Gguf): ReadonlyMap<GgufTensorType, number> {
  const counts = new Map<GgufTensorType, number>()
  for (const { type, shape } of file.tensors.values()) {
    counts.set(type, (counts.get(type) ?? 0) + (valueCount(shape) ?? 0))
  }
  return new Map([...counts].sort((a, b) => b[1] - a[1]))
}

function tokenizerOf(file: Gguf): string | undefined {
  const model = text(file, 'tokenizer.ggml.model')
  const pre = text(file, 'tokenizer.ggml.pre')
  return model === undefined || pre === undefined ? model : `${model} (${pre})`
}

function text(file: Gguf, key: string): string | undefined {
  const value = file.get(key)
  return typeof value === 'string' ? value : undefined
}

function count(file: Gguf, key: string): number | undefined {
  const value = file.get(key)
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}
