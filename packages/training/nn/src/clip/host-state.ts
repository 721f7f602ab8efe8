/** A model's tensors as `saveClip` takes them. */

import { scope } from '@hadal/tensor'
import type { Module } from '../module.ts'
import type { HostValues } from './save-clip.ts'

/**
 * Parameters and running statistics by name, copied to the host on access.
 *
 * @example
 * ```ts
 * import { hostState, Linear } from '@hadal/nn'
 *
 * const state = hostState(new Linear(4, 2, 'float32'))
 * state.get('weight')?.shape // → [ 2, 4 ]
 * ```
 */
export const hostState = (model: Module): Map<string, HostValues> =>
  new Map(
    [...model.state()].map(([name, tensor]) => [
      name,
      {
        shape: tensor.shape,
        values: () => scope(() => tensor.detach().float().toTypedArray() as Float32Array),
      },
    ]),
  )
