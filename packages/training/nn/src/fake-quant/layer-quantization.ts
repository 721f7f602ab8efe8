/** What a layer that multiplies asks before it does, while it is fake-quantised. */

import type { Tensor } from '@hadal/tensor'

export interface LayerQuantization {
  /** Whether `weight` rounds. Otherwise it only looks. */
  readonly quantizesWeight: boolean
  /** Of any float dtype, to the same. */
  weight(weight: Tensor): Tensor
  input(x: Tensor): Tensor
}
