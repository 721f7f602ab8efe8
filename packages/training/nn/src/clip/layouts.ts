/**
 * Where files have the tensors of a dual tower model: Hugging Face's by the model's own names; open_clip's by others, queries, keys and
 * values as one matrix, and projections the other way round. Needs no libtorch.
 */

import type { ClipTensor } from './tensors.ts'

export type ClipLayout = 'hugging-face' | 'open-clip'

/** Where a file has a tensor: the whole of one of its own, that one transposed, or some of its rows. */
export interface StoredPlace {
  readonly name: string
  readonly shape: readonly number[]
  readonly transposed?: true
  /** The first of those that are this tensor's. */
  readonly firstRow?: number
}

/** Where a file of `layout` has a tensor. `textPrefix`: what open_clip's models with a text tower of their own put before its names. */
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

/** What names begin with, here and there. */
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
