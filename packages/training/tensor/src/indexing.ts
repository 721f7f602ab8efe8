/** Indexing of tensors, in PyTorch's forms. */

import { tensorIndexInvalid } from './errors.ts'
import {
  fill_,
  index as gatherAt,
  indexPut_,
  copy_ as overwrite,
  select,
  slice,
  unsqueeze,
} from './generated/operators.ts'
import { Handle } from './handle.ts'
import type { Tensor } from './tensor.ts'

/**
 * - a whole number: that entry, and the dimension goes (negative counts from the end)
 * - `[start, end]` or `[start, end, step]`: a range; `null` for an open end
 * - `':'`: all of one dimension
 * - `'...'`: all dimensions not named
 * - `null`: a new dimension of length 1
 * - a tensor of int64 indices or a bool mask
 */
export type Index = number | readonly (number | null)[] | ':' | '...' | null | Tensor

/** The part of `tensor` that `index` names: a view unless `index` has tensors in it. */
export function read(tensor: Tensor, index: readonly Index[]): Tensor {
  const { view, picks } = narrow(tensor, index)
  return picks.some((pick) => pick !== null) ? gatherAt(view, picks) : view
}

/** Overwrites that part; `value` is broadcast to it. */
export function write(tensor: Tensor, index: readonly Index[], value: Tensor | number): void {
  const { view, picks } = narrow(tensor, index)
  if (picks.some((pick) => pick !== null)) {
    indexPut_(view, picks, typeof value === 'number' ? fill_(view.newEmpty([]), value) : value)
  } else if (typeof value === 'number') {
    fill_(view, value)
  } else {
    overwrite(view, value)
  }
}

/** The view that everything but tensors asks for, and the tensors by dimension of that view. */
function narrow(tensor: Tensor, index: readonly Index[]): { view: Tensor; picks: (Tensor | null)[] } {
  let view = tensor
  let dim = 0
  const picks: (Tensor | null)[] = []
  const named = index.reduce((sum: number, item) => sum + dimensionsOf(item), 0)
  for (const item of index) {
    if (item === '...') {
      for (const rest = tensor.ndim - named; picks.length < dim + rest; ) picks.push(null)
      dim = picks.length
    } else if (item === ':') {
      picks[dim++] = null
    } else if (item === null) {
      view = unsqueeze(view, dim)
      picks[dim++] = null
    } else if (typeof item === 'number') {
      view = select(view, dim, item)
    } else if (item instanceof Handle) {
      picks[dim++] = item
      for (let more = dimensionsOf(item); more > 1; more--) dim++
    } else if (isRange(item)) {
      view = slice(view, dim, item[0] ?? null, item[1] ?? null, item[2] ?? 1)
      picks[dim++] = null
    } else {
      throw tensorIndexInvalid(JSON.stringify(item) ?? String(item))
    }
  }
  return { view, picks: picks.filter((pick) => pick !== undefined) }
}

/** How many of the tensor's own dimensions an index takes; a mask takes as many as it has. */
function dimensionsOf(item: Index): number {
  if (item === null || item === '...') return 0
  return item instanceof Handle && item.dtype === 'bool' ? item.ndim : 1
}

function isRange(item: unknown): item is readonly (number | null)[] {
  return (
    Array.isArray(item) &&
    item.length >= 2 &&
    item.length <= 3 &&
    item.every((part) => part === null || Number.isInteger(part))
  )
}
