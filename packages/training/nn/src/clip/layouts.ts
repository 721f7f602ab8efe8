/**
 * File layouts of a dual encoder: Hugging Face's with the model's own names; open_clip's with other names, fused query, key and
 * value matrices, and transposed projections. Needs no libtorch.
 */

import type { ClipTensor } from './tensors.ts'

export type ClipLayout = 'hugging-face' | 'open-clip'

/** Location of a tensor in a file: a whole stored tensor, a transposed one, or a range of its rows. */
export interface StoredPlace {
  readonly name: string
  readonly shape: readonly number[]
  readonly transposed?: true
  /** First row of the range. */
  readonly firstRow?: number
}

/** Location of a tensor in a file of `layout`. `textPrefix`: prefix of open_clip's models with a separate text encoder. */
export function storedPlace({ name, shape }: ClipTensor, layout: ClipLayout, textPrefix = ''): StoredPlace {
  if (layout === 'hugging-face') return { name, shape }
  const tower = towers.find(([ours]) => name.startsWith(ours))
  if (!tower) return { name, shape }
  const [ours, theirs] = tower
  const prefix = theirs === '' ? textPrefix : theirs
  const rest = name.slice(ours.length)
  const [, layer, inLayer] = /^encoder\.(layers\.\d+)\.(.*)$/.exec(rest) ?? []
  if (layer === undefined || inLayer === undefined) {
    const renamed = outside.reduce((at, [from, to]) => at.replace(from, to), rest)
    const transposed = renamed === 'proj' || renamed === 'text_projection'
    return { name: prefix + renamed, ...(transposed ? { shape: shape.toReversed(), transposed } : { shape }) }
  }
  const block = `${prefix}transformer.res${layer.replace('layers', 'blocks')}`
  const [, part, kind] = /^self_attn\.([qkv])_proj\.(weight|bias)$/.exec(inLayer) ?? []
  if (part !== undefined) {
    const [rows, ...columns] = shape as [number, ...number[]]
    const firstRow = 'qkv'.indexOf(part) * rows
    return { name: `${block}.attn.in_proj_${kind}`, shape: [3 * rows, ...columns], firstRow }
  }
  return { name: `${block}.${inside.reduce((at, [from, to]) => at.replace(from, to), inLayer)}`, shape }
}

/** Name prefixes in both layouts. */
const towers = [
  ['text_model.', ''],
  ['vision_model.', 'visual.'],
  ['visual_', 'visual.'],
  ['text_projection', ''],
] as const

const outside = [
  ['embeddings.position_embedding.weight', 'positional_embedding'],
  ['embeddings.patch_embedding', 'conv1'],
  ['embeddings.', ''],
  ['pre_layrnorm', 'ln_pre'],
  ['post_layernorm', 'ln_post'],
  ['final_layer_norm', 'ln_final'],
  [/^projection\.weight$/, 'proj'],
  [/^\.weight$/, 'text_projection'],
] as const

const inside = [
  ['self_attn', 'attn'],
  ['layer_norm', 'ln_'],
  ['mlp.fc1', 'mlp.c_fc'],
  ['mlp.fc2', 'mlp.c_proj'],
] as const
