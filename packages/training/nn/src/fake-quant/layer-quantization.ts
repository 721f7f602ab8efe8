/** The interface of a multiplying layer to fake quantisation. */

import type { Tensor } from '@hadal/tensor'

export interface LayerQuantization {
  /** Whether `weight` rounds. Otherwise it only observes. */
  readonly quantizesWeight: boolean
  /** Any float dtype; the dtype is preserved. */
  weight(weight: Tensor): Tensor
  input(x: Tensor): Tensor
}
