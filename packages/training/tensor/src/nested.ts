/** Nested arrays to a flat list with a shape, and back. */

import { tensorDataInvalid } from './errors.ts'

export type Element = number | boolean | bigint
/** Nested arrays of elements; a 0-d tensor is the element itself. */
export type Nested = Element | readonly Nested[]

export interface Flat {
  readonly elements: Element[]
  readonly shape: readonly number[]
}

/** Throws `tensor_data_invalid` for ragged arrays and for anything but numbers, booleans and bigints. */
export function flatten(data: Nested): Flat {
  const shape: number[] = []
  for (let inner: Nested = data; Array.isArray(inner); inner = (inner as readonly Nested[])[0]!) {
    shape.push(inner.length)
    if (inner.length === 0) break
  }
  const elements: Element[] = []
  collect(data, shape, 0, elements)
  return { elements, shape }
}

function collect(data: Nested, shape: readonly number[], depth: number, into: Element[]): void {
  if (depth === shape.length) {
    if (typeof data !== 'number' && typeof data !== 'boolean' && typeof data !== 'bigint') {
      throw tensorDataInvalid(
        `${Array.isArray(data) ? 'an array' : String(data)} stands where an element should`,
      )
    }
    into.push(data)
    return
  }
  if (!Array.isArray(data))
    throw tensorDataInvalid(`${String(data)} stands where an array of ${shape[depth]} should`)
  if (data.length !== shape[depth]) {
    throw tensorDataInvalid(
      `the arrays differ in length at depth ${depth}: ${shape[depth]} and ${data.length}`,
    )
  }
  for (const item of data) collect(item, shape, depth + 1, into)
}

/** Builds nested arrays from elements in row-major order. */
export function nest(shape: readonly number[], element: (i: number) => Element): Nested {
  let next = 0
  const build = (depth: number): Nested => {
    if (depth === shape.length) return element(next++)
    return Array.from({ length: shape[depth]! }, () => build(depth + 1))
  }
  return build(0)
}
