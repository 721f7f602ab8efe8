/**
 * Half of a layer of a decoder: its attention or its feed-forward network, with the norm before and the sum after. What a tape cuts
 * a pass into.
 */

import { hearsRanges, recordRange, scope, type Tensor } from '@hadal/tensor'
import type { Linear, RmsNorm } from '../layers.ts'
import type { Entry } from '../parallel/column-record.ts'

/** x + last(mix(project(x))); of a divided layer x + leave(last(mix(project(x)))). */
export interface LayerPart {
  readonly layer: number
  readonly kind: 'attention' | 'mlp'
  /** The norm, and the large products that need nothing else. */
  project(x_btd: Tensor): readonly Tensor[]
  /** The rest before `last`: cheap relative to the products, but large in memory. */
  mix(projected: readonly Tensor[]): Tensor
  /** The product that leads back to the hidden width; undefined where `mix` does that itself. */
  readonly last: Linear | undefined
  /** Set for a layer divided between several ranks; otherwise undefined. */
  readonly leave: Leave | undefined
  /** What `project` does, where the products of a divided layer read all of what its norm gives. */
  readonly columns?: Columns | undefined
}

export interface Columns {
  readonly norm: RmsNorm
  readonly entry: Entry
  readonly linears: readonly Linear[]
}

/** How a rank's part of the sum that a divided half gives becomes the sum, or this rank's tokens of it. */
export interface Leave {
  forward(part_btd: Tensor): Tensor
  /** Maps the gradient of its output to that of its input. */
  back(dy: Tensor): Tensor
}

/** Hidden states [b, t, d] through all parts in their order. `alongside`: tensors of this pass alone that parts read as well. */
export type RunParts = (parts: readonly LayerPart[], x_btd: Tensor, beside: readonly Tensor[]) => Tensor

/** One scope a part: what autograd does not keep is freed before the next one runs. */
export const runAtOnce: RunParts = (parts, x_btd) => {
  let x = x_btd
  for (const part of inRanges(parts)) x = scope(() => runPart(part, x))
  return x
}

/** `layers.3.attention`: what a profile calls a part. */
export const rangeOf = ({ layer, kind }: Pick<LayerPart, 'layer' | 'kind'>): string =>
  `module:layers.${layer}.${kind}`

/** The same parts, with profiler ranges around their computation. */
export function inRanges(parts: readonly LayerPart[]): readonly LayerPart[] {
  if (!hearsRanges()) return parts
  return parts.map((part) => ({
    ...part,
    project: (x_btd) => recordRange(rangeOf(part), () => part.project(x_btd)),
    mix: (projected) => recordRange(rangeOf(part), () => part.mix(projected)),
  }))
}

export const runPart = (part: LayerPart, x_btd: Tensor): Tensor =>
  addPart(part, part.mix(part.project(x_btd)), x_btd)

/** How a part ends. */
export function addPart({ last, leave }: LayerPart, mixed: Tensor, x_btd: Tensor): Tensor {
  const y = last ? last.forward(mixed) : mixed
  return x_btd.add(leave ? leave.forward(y) : y)
}

/**
 * Which part of a model, or of one of its encoders, a parameter belongs to, by the name that checkpoints have for it; undefined outside the
 * layers.
 */
export function partOf(name: string): Pick<LayerPart, 'layer' | 'kind'> | undefined {
  const [, layer, module] =
    /^(?:model|(?:text|vision)_model\.encoder)\.layers\.(\d+)\.([^.]+)\./.exec(name) ?? []
  if (layer === undefined) return undefined
  return { layer: Number(layer), kind: ofAttention.has(module!) ? 'attention' : 'mlp' }
}

const ofAttention = new Set(['self_attn', 'input_layernorm', 'layer_norm1'])
