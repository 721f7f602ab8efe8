/** The dense feed-forward half of a layer, in decoders of every family. */

import type { RmsNorm, SwiGlu } from './layers.ts'
import type { Ends } from './parallel/divided-layers.ts'
import type { LayerPart } from './tape/layer-part.ts'

export const feedForwardPart = (
  layer: number,
  norm: RmsNorm,
  mlp: SwiGlu,
  { enter, entry, leave }: Ends,
): LayerPart => ({
  layer,
  kind: 'mlp',
  project: (x_btd) => mlp.project(enter(norm.forward(x_btd))),
  mix: ([gate, value]) => mlp.mix([gate!, value!]),
  last: mlp.downProj,
  leave,
  columns: entry && { norm, entry, linears: [mlp.gateProj, mlp.upProj] },
})
