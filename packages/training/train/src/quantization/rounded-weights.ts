/** Weights of a decoder outside libtorch, as they are served after quantisation. */

import type { ModelConfig } from '@hadal/nn'
import { noGrad, scope, type Tensor } from '@hadal/tensor'
import { type HostTensor, hostTensor, type Weights } from '../weights.ts'
import { roundingsOf } from './roundings.ts'
import type { TrainedQuantization } from './trained-quantization.ts'

/**
 * fp32 values on the grid, one matrix at a time; unrounded weights are the same objects.
 *
 * @internal
 */
export function roundedWeights(config: ModelConfig, weights: Weights, trained: TrainedQuantization): Weights {
  const { of } = roundingsOf(config, trained)
  return new Map(
    [...weights].map(([name, tensor]) => {
      const rounding = of.get(name)
      return [name, rounding ? rounded(tensor, rounding) : tensor]
    }),
  )
}

const rounded = (tensor: HostTensor, rounding: (master: Tensor) => Tensor): HostTensor =>
  noGrad(() =>
    scope(() => ({
      shape: tensor.shape,
      values: rounding(hostTensor(tensor)).toTypedArray() as Float32Array,
    })),
  )
