/** How values that share a scale are laid out for observers: one row for each scale. */

import type { Tensor } from '@hadal/tensor'
import type { Granularity } from './scheme.ts'

/**
 * [o, ...] to [n, k], whose rows have a scale each; a group divides what follows the first dimension.
 *
 * @internal
 */
export function toRows(x: Tensor, granularity: Granularity): Tensor {
  if (granularity === 'tensor') return x.reshape([1, -1])
  if (granularity === 'channel') return x.flatten(1)
  return x.reshape([-1, granularity.group])
}

/**
 * How many scales a tensor of this shape has; undefined where groups do not divide it.
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
