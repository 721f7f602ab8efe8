/**
 * Nearest-neighbour search over quantized vectors. Large sets are clustered, and only the clusters with the nearest centroids are read.
 * Sparse vectors use an inverted index by dimension, which is exact and needs no clusters.
 */

/** Quantized to 8 bits, with the factor that converts a dot product to a cosine. */
export interface Question {
  readonly values: Int8Array
  /** Indices of non-zero values, if there are few. */
  readonly places: Int16Array | undefined
  readonly inverseLength: number
  /** Norm of the second half of its dimensions, as a fraction. */
  readonly tail: number
}

export interface Neighbour {
  /** Index of the vector. */
  readonly at: number
  readonly cosine: number
}

export interface VectorSetParts {
  readonly dimensions: number
  /** Concatenated vectors, in cluster order if clustered. */
  readonly vectors: Int8Array
  /** Concatenated centroids. Empty: all vectors are read. */
  readonly middles: Int8Array
  /** Start of each cluster, and the end. */
  readonly starts: Int32Array
}

/** Number of clusters read. */
const clustersRead = 4

/** Scaled so that its maximum is 127. */
export function question(vector: Float32Array): Question {
  let largest = 0
  for (let d = 0; d < vector.length; d += 1) largest = Math.max(largest, Math.abs(vector[d]!))
  const scale = largest > 0 ? 127 / largest : 0
  const values = new Int8Array(vector.length)
  let filled = 0
  for (let d = 0; d < vector.length; d += 1) {
    values[d] = Math.round(vector[d]! * scale)
    if (values[d] !== 0) filled += 1
  }
  let places: Int16Array | undefined
  if (filled * 3 < vector.length) {
    places = new Int16Array(filled)
    for (let d = 0, at = 0; d < values.length; d += 1) if (values[d] !== 0) places[at++] = d
  }
  const inverseLength = inverseLengthOf(values, 0, values.length)
  return { values, places, inverseLength, tail: tailOf(values, 0, values.length, inverseLength) }
}

export class VectorSet {
  readonly parts: VectorSetParts
  readonly size: number
  #listed: Listed | undefined
  readonly #inverseLengths: Float32Array
  readonly #tails: Float32Array
  readonly #middleLengths: Float32Array

  constructor(parts: VectorSetParts) {
    const { dimensions, vectors, middles, starts } = parts
    this.parts = parts
    this.size = vectors.length / dimensions
    this.#inverseLengths = inverseLengths(vectors, dimensions)
    this.#middleLengths = inverseLengths(middles, dimensions)
    this.#tails = this.#inverseLengths.map((inverse, at) =>
      tailOf(vectors, at * dimensions, (at + 1) * dimensions, inverse),
    )
    const clusters = middles.length / dimensions
    const isOrdered = starts.every((start, at) => start >= (at === 0 ? 0 : starts[at - 1]!))
    if (
      !Number.isInteger(this.size) ||
      (clusters > 0 &&
        (starts.length !== clusters + 1 || starts[0] !== 0 || starts.at(-1) !== this.size || !isOrdered))
    )
      throw new RangeError(
        `${vectors.length} numbers in ${clusters} clusters are no vectors of ${dimensions}`,
      )
  }

  /** Reads the nearest clusters; undefined if there are no vectors. */
  nearest(query: Question): Neighbour | undefined {
    const { middles, starts } = this.parts
    if (middles.length === 0) return this.nearestOfAll(query)
    let [at, best] = [-1, -2]
    for (const cluster of this.#nearestClusters(query))
      for (let vector = starts[cluster]!; vector < starts[cluster + 1]!; vector += 1) {
        const cosine = this.#cosineAbove(best, query, vector)
        if (cosine > best) [at, best] = [vector, cosine]
      }
    return at < 0 ? undefined : { at, cosine: best }
  }

  /** Exact. */
  nearestOfAll(query: Question): Neighbour | undefined {
    const dots = this.#dotsOfSparse(query)
    let [at, best] = [-1, -2]
    for (let vector = 0; vector < this.size; vector += 1) {
      const cosine =
        dots === undefined
          ? this.#cosineAbove(best, query, vector)
          : dots[vector]! * query.inverseLength * this.#inverseLengths[vector]!
      if (cosine > best) [at, best] = [vector, cosine]
    }
    return at < 0 ? undefined : { at, cosine: best }
  }

  /** Undefined for dense sets. */
  #dotsOfSparse(query: Question): Int32Array | undefined {
    if (this.#listed === undefined) {
      if (!isSparse(this.parts.vectors)) return undefined
      this.#listed = listedByDimension(this.parts, this.size)
    }
    return dotsOf(query, this.#listed, this.size)
  }

  cosine(query: Question, vector: number): number {
    return this.#cosineAbove(-2, query, vector)
  }

  /** Stops after half the dimensions if the result cannot exceed `least`: the rest adds at most the product of the norms. */
  #cosineAbove(least: number, query: Question, vector: number): number {
    const { dimensions, vectors } = this.parts
    const [from, scale] = [vector * dimensions, query.inverseLength * this.#inverseLengths[vector]!]
    if (query.places !== undefined) return scale * dotOfPlaces(query.values, query.places, vectors, from)
    const half = dimensions >> 1
    const head = dot(query.values, vectors, from, 0, half)
    if (scale * head + query.tail * this.#tails[vector]! <= least) return -2
    return scale * (head + dot(query.values, vectors, from, half, dimensions))
  }

  /** Cosine to the nearest centroid: an estimate of the best match. */
  promise(query: Question): number {
    let best = -2
    for (let cluster = 0; cluster < this.#middleLengths.length; cluster += 1)
      best = Math.max(best, this.#cosineOfMiddle(query, cluster))
    return best
  }

  #cosineOfMiddle(query: Question, cluster: number): number {
    const { dimensions, middles } = this.parts
    const scale = query.inverseLength * this.#middleLengths[cluster]!
    return scale * dot(query.values, middles, cluster * dimensions, 0, dimensions)
  }

  #nearestClusters(query: Question): readonly number[] {
    const best: { cluster: number; cosine: number }[] = []
    for (let cluster = 0; cluster < this.#middleLengths.length; cluster += 1) {
      const cosine = this.#cosineOfMiddle(query, cluster)
      if (best.length === clustersRead && cosine <= best[clustersRead - 1]!.cosine) continue
      let place = best.length
      while (place > 0 && best[place - 1]!.cosine < cosine) place -= 1
      best.splice(place, 0, { cluster, cosine })
      if (best.length > clustersRead) best.pop()
    }
    return best.map(({ cluster }) => cluster)
  }
}

/** Inverted index: non-zero vectors per dimension, and their values. */
interface Listed {
  /** Start of each dimension's list, and the end. */
  readonly starts: Int32Array
  readonly vectors: Int32Array
  readonly values: Int8Array
}

/** Maximum density: one in this many values is non-zero. */
const sparse = 6

export function isSparse(numbers: Int8Array): boolean {
  let filled = 0
  for (let at = 0; at < numbers.length; at += 1) if (numbers[at] !== 0) filled += 1
  return filled * sparse < numbers.length
}

function listedByDimension({ dimensions, vectors }: VectorSetParts, size: number): Listed {
  const starts = new Int32Array(dimensions + 1)
  for (let at = 0; at < vectors.length; at += 1) if (vectors[at] !== 0) starts[(at % dimensions) + 1]! += 1
  for (let d = 0; d < dimensions; d += 1) starts[d + 1]! += starts[d]!
  const next = starts.slice()
  const listed = {
    starts,
    vectors: new Int32Array(starts[dimensions]!),
    values: new Int8Array(starts[dimensions]!),
  }
  for (let vector = 0; vector < size; vector += 1)
    for (let d = 0; d < dimensions; d += 1) {
      const value = vectors[vector * dimensions + d]!
      if (value === 0) continue
      const at = next[d]!
      next[d] = at + 1
      listed.vectors[at] = vector
      listed.values[at] = value
    }
  return listed
}

function dotsOf({ values }: Question, listed: Listed, size: number): Int32Array {
  const dots = new Int32Array(size)
  for (let d = 0; d < values.length; d += 1) {
    const value = values[d]!
    if (value === 0) continue
    for (let at = listed.starts[d]!; at < listed.starts[d + 1]!; at += 1)
      dots[listed.vectors[at]!]! += value * listed.values[at]!
  }
  return dots
}

function dotOfPlaces(values: Int8Array, places: Int16Array, others: Int8Array, from: number): number {
  let sum = 0
  for (let at = 0; at < places.length; at += 1) sum += values[places[at]!]! * others[from + places[at]!]!
  return sum
}

/** Over some dimensions. Four accumulators avoid the latency of dependent additions. */
function dot(values: Int8Array, others: Int8Array, from: number, start: number, end: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  let at = start
  for (; at + 3 < end; at += 4) {
    a += values[at]! * others[from + at]!
    b += values[at + 1]! * others[from + at + 1]!
    c += values[at + 2]! * others[from + at + 2]!
    d += values[at + 3]! * others[from + at + 3]!
  }
  for (; at < end; at += 1) a += values[at]! * others[from + at]!
  return a + b + c + d
}

/** Norm of the second half relative to the whole. */
function tailOf(values: Int8Array, from: number, to: number, inverseLength: number): number {
  const tail = inverseLengthOf(values, (from + to) >> 1, to)
  return tail === 0 ? 0 : inverseLength / tail
}

function inverseLengths(vectors: Int8Array, dimensions: number): Float32Array {
  return Float32Array.from({ length: vectors.length / dimensions }, (_, at) =>
    inverseLengthOf(vectors, at * dimensions, (at + 1) * dimensions),
  )
}

/** 0 for zero vectors, so that they match nothing. */
function inverseLengthOf(values: Int8Array, from: number, to: number): number {
  let square = 0
  for (let at = from; at < to; at += 1) square += values[at]! * values[at]!
  return square === 0 ? 0 : 1 / Math.sqrt(square)
}
