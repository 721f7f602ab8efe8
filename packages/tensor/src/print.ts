/** Prints tensors the way PyTorch does: aligned columns, long dimensions cut in the middle. */

import type { Tensor } from './tensor.ts'

/** Dimensions longer than twice this are cut when the tensor has more than a thousand elements. */
const edge = 3

export function print(tensor: Tensor): string {
  if (tensor.disposed) return 'Tensor(freed)'
  const { shape, dtype, device, numel } = tensor
  const tail = [
    numel === 0 || shape.length === 0 ? undefined : '',
    `shape=[${shape.join(', ')}]`,
    dtype === 'float32' ? undefined : `dtype=${dtype}`,
    device === 'cpu' ? undefined : `device=${device}`,
    tensor.requiresGrad ? 'requiresGrad' : undefined,
  ].filter((part) => part !== undefined && part !== '')
  return `tensor(${body(tensor, numel > 1000)}, ${tail.join(', ')})`
}

function body(tensor: Tensor, cut: boolean): string {
  if (tensor.numel === 0) return '[]'
  if (tensor.device === 'meta' || tensor.dtype.startsWith('complex') || tensor.dtype.startsWith('q'))
    return '...'
  let elements: ArrayLike<number | bigint>
  try {
    elements = tensor.toTypedArray()
  } catch {
    // Sparse and opaque layouts have no plain elements.
    return '...'
  }
  const { shape, dtype } = tensor
  const shown: number[] = []
  visit(shape, cut, 0, 0, (i) => shown.push(i))
  const format =
    dtype === 'bool'
      ? (x: number | bigint) => (x ? 'true' : 'false')
      : formatter(shown.map((i) => elements[i]!))
  const width = Math.max(0, ...shown.map((i) => format(elements[i]!).length))
  return layOut(shape, cut, 0, 0, (i) => format(elements[i]!).padStart(width))
}

/** All values as integers, with four decimals, or in scientific notation when they span too much. */
function formatter(values: readonly (number | bigint)[]): (value: number | bigint) => string {
  const finite = values.map(Number).filter((value) => Number.isFinite(value))
  if (values.some((value) => typeof value === 'bigint')) return String
  const sizes = finite.filter((value) => value !== 0).map(Math.abs)
  const largest = Math.max(0, ...sizes)
  const smallest = Math.min(largest, ...sizes)
  if (finite.every(Number.isInteger) && largest < 1e8) return (value) => String(value)
  if (largest > 1e8 || smallest < 1e-4 || largest / smallest > 1000)
    return (value) => Number(value).toExponential(4)
  return (value) => (Number.isFinite(value) ? Number(value).toFixed(4) : String(value))
}

function visit(
  shape: readonly number[],
  cut: boolean,
  depth: number,
  offset: number,
  use: (i: number) => void,
): void {
  if (depth === shape.length) {
    use(offset)
    return
  }
  const stride = shape.slice(depth + 1).reduce((a, b) => a * b, 1)
  for (const i of places(shape[depth]!, cut)) {
    if (i >= 0) visit(shape, cut, depth + 1, offset + i * stride, use)
  }
}

/** The indices shown along a dimension; -1 stands for the dots. */
function places(length: number, cut: boolean): number[] {
  if (!cut || length <= 2 * edge) return Array.from({ length }, (_, i) => i)
  const first = Array.from({ length: edge }, (_, i) => i)
  return [...first, -1, ...first.map((i) => length - edge + i)]
}

function layOut(
  shape: readonly number[],
  cut: boolean,
  depth: number,
  offset: number,
  element: (i: number) => string,
): string {
  if (depth === shape.length) return element(offset)
  const stride = shape.slice(depth + 1).reduce((a, b) => a * b, 1)
  const parts = places(shape[depth]!, cut).map((i) =>
    i < 0 ? '...' : layOut(shape, cut, depth + 1, offset + i * stride, element),
  )
  const last = depth === shape.length - 1
  const indent = ' '.repeat('tensor('.length + depth + 1)
  return `[${parts.join(last ? ', ' : `,${'\n'.repeat(shape.length - depth - 1)}${indent}`)}]`
}
