/** Embeddings of texts or images, and their similarity. Plain numbers. */

export interface Embeddings {
  /** [count, width], rows of unit length. */
  readonly values: Float32Array
  readonly count: number
  readonly width: number
}

/**
 * A copy with rows of unit length; a row of zeros or NaN stays as it is and is similar to nothing.
 *
 * @example
 * ```ts
 * import { normalizeRows } from '@hadal/train'
 *
 * normalizeRows({ values: new Float32Array([3, 4]), count: 1, width: 2 }).values[0]!.toFixed(1) // → '0.6'
 * ```
 */
export function normalizeRows({ values, count, width }: Embeddings): Embeddings {
  const scaled = values.slice()
  for (let row = 0; row < count; row++) {
    const part = scaled.subarray(row * width, (row + 1) * width)
    const length = Math.hypot(...part)
    if (length > 0) for (let at = 0; at < width; at++) part[at]! /= length
  }
  return { values: scaled, count, width }
}

/** Queries scored at once, so that no [n, n] matrix is made for large item counts. */
const chunk = 64

/**
 * The scores of each query with every item, query by query, a chunk of queries at a time.
 * @param visit the query's number, and its scores, which are overwritten by later ones
 */
export function forEachScores(
  queries: Embeddings,
  items: Embeddings,
  visit: (query: number, scores: Float32Array) => void,
): void {
  const { width } = queries
  const scores = new Float32Array(Math.min(chunk, queries.count) * items.count)
  for (let start = 0; start < queries.count; start += chunk) {
    const many = Math.min(chunk, queries.count - start)
    for (let item = 0; item < items.count; item++) {
      const from = item * width
      // An item's numbers stay near while all queries of the chunk meet it.
      for (let query = 0; query < many; query++) {
        scores[query * items.count + item] = dot(
          queries.values,
          (start + query) * width,
          items.values,
          from,
          width,
        )
      }
    }
    for (let query = 0; query < many; query++) {
      visit(start + query, scores.subarray(query * items.count, (query + 1) * items.count))
    }
  }
}

/** Four sums at a time: so the processor need not wait for one addition before the next. */
function dot(
  left: Float32Array,
  leftAt: number,
  right: Float32Array,
  rightAt: number,
  width: number,
): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = width - (width % 4)
  for (let at = 0; at < whole; at += 4) {
    a += left[leftAt + at]! * right[rightAt + at]!
    b += left[leftAt + at + 1]! * right[rightAt + at + 1]!
    c += left[leftAt + at + 2]! * right[rightAt + at + 2]!
    d += left[leftAt + at + 3]! * right[rightAt + at + 3]!
  }
  for (let at = whole; at < width; at++) a += left[leftAt + at]! * right[rightAt + at]!
  return a + b + (c + d)
}
