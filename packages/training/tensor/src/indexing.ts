/** Indexing of tensors, in PyTorch's forms. */

import { op } from './dispatch.ts'
import type { DType } from './dtype.ts'
import { tensorIndexInvalid } from './errors.ts'
import { Handle } from './handle.ts'

/** Every form of `Index` but tensors. */
export type PlainIndex = number | readonly (number | null)[] | ':' | '...' | null

/** What indexing asks of a tensor. */
type Indexed = Handle & { readonly ndim: number; readonly dtype: DType }

const copy_: <T>(self: T, source: T) => T = op('copy_')
const fill_: <T>(self: T, value: number) => T = op('fill_')
const gatherAt: <T>(self: T, indices: readonly (T | null)[]) => T = op('index')
const indexPut_: <T>(self: T, indices: readonly (T | null)[], values: T) => T = op('index_put_')
const newEmpty: <T>(self: T, size: readonly number[]) => T = op('new_empty')
const select: <T>(self: T, dim: number, index: number) => T = op('select')
const slice: <T>(self: T, dim: number, start: number | null, end: number | null, step: number) => T =
  op('slice')
const unsqueeze: <T>(self: T, dim: number) => T = op('unsqueeze')

/** The part of `tensor` that `index` names: a view unless `index` has tensors in it. */
export function read<T extends Indexed>(tensor: T, index: readonly (PlainIndex | T)[]): T {
  const { view, picks } = narrow(tensor, index)
  return picks.some((pick) => pick !== null) ? gatherAt(view, picks) : view
}

/** Overwrites that part; `value` is broadcast to it. */
export function write<T extends Indexed>(
  tensor: T,
  index: readonly (PlainIndex | T)[],
  value: T | number,
): void {
  const { view, picks } = narrow(tensor, index)
  if (picks.some((pick) => pick !== null)) {
    indexPut_(view, picks, typeof value === 'number' ? fill_(newEmpty(view, []), value) : value)
  } else if (typeof value === 'number') {
    fill_(view, value)
  } else {
    copy_(view, value)
  }
}

/** The view that everything but tensors asks for, and the tensors by dimension of that view. */
function narrow<T extends Indexed>(
  tensor: T,
  index: readonly (PlainIndex | T)[],
): { view: T; picks: (T | null)[] } {
  let view = tensor
  let dim = 0
  const picks: (T | null)[] = []
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
function dimensionsOf(item: PlainIndex | Indexed): number {
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
