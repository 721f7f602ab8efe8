/**
 * Writes a model as GGUF, which llama.cpp and `hadal serve` load: the family's tensors and hyperparameters, the tokenizer and the
 * chat template.
 */

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type GgufArray, type GgufMetadata, gguf, writeGguf } from '@hadal/formats'
import { isDeepSeekConfig } from '@hadal/nn'
import { checkModel } from './check-model.ts'
import { decoderParts } from './decoder-parts.ts'
import { deepSeekParts } from './deepseek-parts.ts'
import type { GgufParts } from './gguf-parts.ts'
import { fileTypes, type GgufPrecision, tensorType } from './gguf-types.ts'
import { type ModelFile, rolesOf } from './model-file.ts'
import { orUnwritable } from './or-unwritable.ts'

const quantizationVersion = 2

/**
 * Writes matrices in `precision` where `tensorType` permits it. Atomic; creates the folder. Throws `train_export_unsupported`,
 * `train_export_unwritable`, `tensor_file_unwritable` and what `checkModel` throws.
 *
 * @example
 * ```ts
 * import { loadTokenizer, Tokenizer } from '@hadal/nn'
 * import { exportGguf, newestWeights, readModel } from '@hadal/train'
 *
 * const { tokenizer } = loadTokenizer('models/base')
 * const { model: config } = readModel('models/base')
 * if (tokenizer instanceof Tokenizer) {
 *   exportGguf('chats.gguf', 'Chats', { config, weights: newestWeights('runs/chats'), tokenizer }, 'Q8_0') // hadal serve --model chats.gguf
 * }
 * ```
 */
export function exportGguf(path: string, name: string, model: ModelFile, precision: GgufPrecision): void {
  checkModel('GGUF', model)
  const { config, weights } = model
  const parts = isDeepSeekConfig(config) ? deepSeekParts(config, weights) : decoderParts(config, weights)
  const choice = { precision, layers: config.num_hidden_layers, tied: config.tie_word_embeddings }
  const tensors = parts.tensors.map((tensor) => ({ ...tensor, type: tensorType(tensor, choice) }))
  orUnwritable(path, () => mkdirSync(dirname(path), { recursive: true }))
  writeGguf(path, { metadata: metadata(name, model, parts, precision), tensors })
}

function metadata(
  name: string,
  model: ModelFile,
  { architecture, values }: GgufParts,
  precision: GgufPrecision,
): GgufMetadata {
  const { chatTemplate } = model
  return {
    'general.architecture': gguf.string(architecture),
    'general.name': gguf.string(name),
    'general.file_type': gguf.uint32(fileTypes[precision]),
    'general.quantization_version': gguf.uint32(quantizationVersion),
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value])),
    ...padded(model.tokenizer.ggufMetadata(rolesOf(model)), model.config.vocab_size),
    ...(chatTemplate !== undefined && { 'tokenizer.chat_template': gguf.string(chatTemplate) }),
  }
}

/** llama.cpp's type of unused tokens. */
const unusedToken = 5

/** Published models often have more rows than tokens; llama.cpp counts tokens, so there has to be one for each row. */
function padded(tokenizer: GgufMetadata, rows: number): GgufMetadata {
  const tokens = (tokenizer['tokenizer.ggml.tokens'] as GgufArray).value as readonly string[]
  if (tokens.length === rows) return tokenizer
  const types = (tokenizer['tokenizer.ggml.token_type'] as GgufArray).value as readonly number[]
  const missing = Array.from({ length: rows - tokens.length }, (_, index) => tokens.length + index)
  return {
    ...tokenizer,
    'tokenizer.ggml.tokens': gguf.strings([...tokens, ...missing.map((id) => `[PAD${id}]`)]),
    'tokenizer.ggml.token_type': gguf.int32s([...types, ...missing.map(() => unusedToken)]),
  }
}
