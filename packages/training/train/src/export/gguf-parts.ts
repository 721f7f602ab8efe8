/** What a model family contributes to a GGUF file. */

import type { GgufValue } from '@hadal/formats'
import type { HostTensor, Weights } from '../weights.ts'

export interface GgufParts {
  /** llama.cpp's name; keys of `values` are prefixed with it and a dot. */
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

/** Names of weights outside the layers. */
export const outerNames: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
}

/** Weights of the model, unchanged, under llama.cpp's names; `layer` maps those within a layer. */
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
