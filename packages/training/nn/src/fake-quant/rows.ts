/** Layout of values for observers: one row per scale. */

import type { Tensor } from '@hadal/tensor'
import type { Granularity } from './scheme.ts'

/**
 * [o, ...] to [n, k], one row per scale; groups divide everything after the first dimension.
 *
 * @internal
 */
export function toRows(x: Tensor, granularity: Granularity): Tensor {
  if (granularity === 'tensor') return x.reshape([1, -1])
  if (granularity === 'channel') return x.flatten(1)
  return x.reshape([-1, granularity.group])
}

/**
 * Number of scales of a tensor of this shape; undefined if groups do not divide it.
 *
 * @internal
 */
export function rowCount(shape: readonly number[], granularity: Granularity): number | undefined {
  if (granularity === 'tensor') return 1
  const [first = 1, ...rest] = shape
  if (granularity === 'channel') return first
  const width = rest.reduce((product, size) => product * size, 1)
  return width % granularity.group === 0 ? (first * width) / granularity.group : undefined
}
