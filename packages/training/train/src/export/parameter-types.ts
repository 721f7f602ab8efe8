/** GGUF tensor type of each parameter of a model, by the model's parameter name. */

import type { FloatType } from '@hadal/formats'
import { isDeepSeekConfig, type ModelConfig } from '@hadal/nn'
import { decoderNames } from './decoder-parts.ts'
import { deepSeekNames } from './deepseek-parts.ts'
import { outerNames } from './gguf-parts.ts'
import { type GgufPrecision, tensorType } from './gguf-types.ts'

/** Type of a matrix stored by itself or as part of a stack. */
export function parameterType(
  config: ModelConfig,
  parameter: string,
  shape: readonly number[],
  precision: GgufPrecision,
): FloatType {
  return typeInFile(config, fileName(config, parameter), shape, precision)
}

/** Type of the tensor that the file calls `name`. */
export function typeInFile(
  { num_hidden_layers: layers, tie_word_embeddings: tied }: ModelConfig,
  name: string,
  shape: readonly number[],
  precision: GgufPrecision,
): FloatType {
  const unread = { name, shape, data: () => new Float32Array() }
  return tensorType(unread, { precision, layers, tied })
}

function fileName(config: ModelConfig, parameter: string): string {
  const [, layer, rest] = /^model\.layers\.(\d+)\.(.+)$/.exec(parameter) ?? []
  if (rest === undefined) return outerNames[parameter] ?? parameter
  const [, projection] = /^mlp\.experts\.\d+\.(gate|up|down)_proj\.weight$/.exec(rest) ?? []
  if (projection !== undefined) return `blk.${layer}.ffn_${projection}_exps.weight`
  return `blk.${layer}.${(isDeepSeekConfig(config) ? deepSeekNames : decoderNames)[rest] ?? rest}`
}
