/** What one family of models contributes to a GGUF file. Knows neither families nor types of tensors. */

import type { GgufValue } from '@hadal/formats'
import type { HostTensor, Weights } from '../weights.ts'

export interface GgufParts {
  /** As llama.cpp calls it; keys of `values` are written behind it and a dot. */
  readonly architecture: string
  readonly values: Readonly<Record<string, GgufValue>>
  readonly tensors: readonly UntypedTensor[]
}

/** fp32 values, made when it is the tensor's turn. */
export interface UntypedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: () => Float32Array
}

/** Of weights outside the layers. */
export const outerNames: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
}

/** Weights of the model as they are, under llama.cpp's names; `layer` says what becomes of those within a layer. */
export function renamed(
  weights: Weights,
  layer: (name: string, tensor: HostTensor, prefix: string) => readonly UntypedTensor[],
): UntypedTensor[] {
  return [...weights].flatMap(([name, tensor]) => {
    const [, index, rest] = /^model\.layers\.(\d+)\.(.+)$/.exec(name) ?? []
    return rest === undefined ? [asItIs(outerNames[name]!, tensor)] : layer(rest, tensor, `blk.${index}.`)
  })
}

/** The same values under another name. */
export const asItIs = (name: string, { shape, values }: HostTensor): UntypedTensor => ({
  name,
  shape,
  data: () => values,
})
