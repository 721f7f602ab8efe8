/** Which range of values a scale has to cover, from the tensors that pass by. */

import type { Tensor } from '@hadal/tensor'

/** Values that are not finite are left out of every range. */
export interface Observer {
  /** [n, k] of any float dtype, with the observer's n. Called without gradients, in a scope. */
  observe(x_nk: Tensor): void
  /** Lowest and highest, fp32 [n]. Only once something was seen. */
  range(): readonly [low_n: Tensor, high_n: Tensor]
  /** Whether any finite value was observed. */
  readonly hasSeen: boolean
  /** The live state by name: the content of a checkpoint. */
  state(): Map<string, Tensor>
}
