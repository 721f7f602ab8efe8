/** A model's tensors as `saveClip` takes them. */

import { scope } from '@hadal/tensor'
import type { Module } from '../module.ts'
import type { HostValues } from './save-clip.ts'

/** Parameters and running statistics by name, copied out of the model when they are asked for. */
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
