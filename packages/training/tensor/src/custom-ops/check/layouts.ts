/** Tensors of equal content in several memory layouts, which kernels that take pointers often ignore. */

import type { Device, DType } from '../../dtype.ts'
import { noGrad } from '../../scope.ts'
import type { Tensor } from '../../tensor.ts'
import * as torch from '../../torch.ts'
import type { Draw } from './op-module.ts'

export type TensorLayout = 'contiguous' | 'transposed' | 'strided'
export const tensorLayouts: readonly TensorLayout[] = ['contiguous', 'transposed', 'strided']

/** Leaves that gradients are recorded of. */
export function drawIn(dtype: DType, device: Device, layout: TensorLayout): Draw {
  return (shape) =>
    noGrad(() => {
      const normal = (of: readonly number[]): Tensor =>
        torch.randn([...of], { dtype: 'float64' }).to({ dtype, device })
      if (layout === 'strided') return normal([...shape, 2]).select(shape.length, 1)
      const order = shape.map((_, i) => shape.length - 1 - i)
      if (layout === 'transposed') return normal([...shape].reverse()).permute(order)
      return normal(shape)
    }).requiresGrad_()
}
