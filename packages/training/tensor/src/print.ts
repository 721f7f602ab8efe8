/** Prints tensors the way PyTorch does: aligned columns, long dimensions cut in the middle. */

import { op } from './dispatch.ts'
import type { Device, DType, TypedArray } from './dtype.ts'
import { noGrad, scope } from './scope.ts'

/** What printing asks of a tensor. */
interface Printed {
  readonly disposed: boolean
  readonly shape: readonly number[]
  readonly numel: number
  readonly dtype: DType
  readonly device: Device
  readonly requiresGrad: boolean
  toTypedArray(): TypedArray
}

const cat: (tensors: readonly Printed[], dim: number) => Printed = op('cat')
const narrow: (self: Printed, dim: number, start: number, length: number) => Printed = op('narrow')

/** Entries shown at both ends of a dimension of tensors with more than a thousand elements. */
const edge = 3
const most = 1000

export function print(tensor: Printed): string {
  if (tensor.disposed) return 'Tensor(freed)'
  const { shape, dtype, device, requiresGrad } = tensor
  const about = [`shape=[${shape.join(', ')}]`]
  if (dtype !== 'float32') about.push(`dtype=${dtype}`)
  if (device !== 'cpu') about.push(`device=${device}`)
  if (requiresGrad) about.push('requiresGrad')
  return `tensor(${scope(() => noGrad(() => body(tensor)))}, ${about.join(', ')})`
}

function body(tensor: Printed): string {
  if (tensor.numel === 0) return '[]'
  let ends: Printed
  let elements: ArrayLike<number | bigint>
  try {
    ends = tensor.numel > most ? endsOf(tensor) : tensor
    elements = ends.toTypedArray()
  } catch {
    // Sparse, quantised, complex and meta tensors have no plain elements.
    return '...'
  }
  const format = formatter(Array.from(elements), tensor.dtype === 'bool')
  const texts = Array.from(elements, format)
  const width = Math.max(...texts.map((text) => text.length))
  const cells = texts.map((text) => text.padStart(width))
  return layOut(cells, ends.shape, tensor.shape)
}

/** Displayed part of a large tensor: both ends of every long dimension, joined. */
function endsOf(tensor: Printed): Printed {
  return tensor.shape.reduce((part, length, dim) => {
    if (length <= 2 * edge) return part
    return cat([narrow(part, dim, 0, edge), narrow(part, dim, length - edge, edge)], dim)
  }, tensor)
}

type Format = (value: number | bigint) => string

/** All values as integers, with four decimals, or in scientific notation when they span too much. */
function formatter(values: readonly (number | bigint)[], bool: boolean): Format {
  if (bool) return (value) => (value ? 'true' : 'false')
  if (values.some((value) => typeof value === 'bigint')) return String
  const finite = values.map(Number).filter((value) => Number.isFinite(value))
  const sizes = finite.filter((value) => value !== 0).map(Math.abs)
  const largest = Math.max(0, ...sizes)
  const smallest = Math.min(largest, ...sizes)
  if (finite.every(Number.isInteger) && largest < 1e8) return String
  if (largest > 1e8 || smallest < 1e-4 || largest / smallest > 1000)
    return (value) => Number(value).toExponential(4)
  return (value) => (Number.isFinite(value) ? Number(value).toFixed(4) : String(value))
}

/** Cells in row-major order in nested brackets; dots stand where `shape` is shorter than `full`. */
function layOut(cells: readonly string[], shape: readonly number[], full: readonly number[]): string {
  let next = 0
  const write = (depth: number): string => {
    if (depth === shape.length) return cells[next++]!
    const parts = Array.from({ length: shape[depth]! }, () => write(depth + 1))
    if (shape[depth] !== full[depth]) parts.splice(edge, 0, '...')
    const below = shape.length - depth - 1
    const indent = ' '.repeat('tensor('.length + depth + 1)
    return `[${parts.join(below === 0 ? ', ' : `,${'\n'.repeat(below)}${indent}`)}]`
  }
  return write(0)
}
