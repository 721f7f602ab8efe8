/**
 * Clusters vectors for approximate search: the square root of the number of vectors many clusters, initialized farthest-first and refined
 * with Lloyd's algorithm. Deterministic.
 */

import { isSparse, question, VectorSet, type VectorSetParts } from './vector-set.ts'

/** For fewer vectors, a linear scan is as fast. */
const minClustered = 256
const rounds = 4

export interface Clustered {
  readonly parts: VectorSetParts
  /** Permutation of the input vectors. */
  readonly order: Int32Array
}

export function clusterVectors(vectors: readonly Float32Array[], dimensions: number): Clustered {
  const list = listVectors(vectors, dimensions)
  if (vectors.length < minClustered || isSparse(list.parts.vectors)) return list
  let middles = farthestFirst(vectors, Math.round(Math.sqrt(vectors.length)))
  let nearest = nearestMiddles(vectors, middles, dimensions)
  for (let round = 1; round < rounds; round += 1) {
    middles = meansOf(vectors, nearest, middles)
    nearest = nearestMiddles(vectors, middles, dimensions)
  }
  const order = Int32Array.from(vectors, (_, at) => at).sort((a, b) => nearest[a]! - nearest[b]! || a - b)
  const starts = new Int32Array(middles.length + 1)
  for (const cluster of nearest) starts[cluster + 1]! += 1
  for (let cluster = 0; cluster < middles.length; cluster += 1) starts[cluster + 1]! += starts[cluster]!
  const places = Int32Array.from(middles, (_, at) => at)
  return {
    parts: {
      ...packed(vectors, dimensions, order),
      middles: packed(middles, dimensions, places).vectors,
      starts,
    },
    order,
  }
}

/** Concatenates vectors. */
export function listVectors(vectors: readonly Float32Array[], dimensions: number): Clustered {
  const order = Int32Array.from(vectors, (_, at) => at)
  return { parts: { ...packed(vectors, dimensions, order), ...noClusters }, order }
}

const noClusters = { middles: new Int8Array(0), starts: new Int32Array(0) }

function packed(vectors: readonly Float32Array[], dimensions: number, order: Int32Array) {
  const all = new Int8Array(vectors.length * dimensions)
  order.forEach((from, to) => {
    all.set(question(vectors[from]!).values, to * dimensions)
  })
  return { dimensions, vectors: all }
}

/** For unit vectors: starts with the first and repeatedly adds the farthest from all chosen so far (Gonzalez 1985). */
function farthestFirst(vectors: readonly Float32Array[], count: number): Float32Array[] {
  const chosen = [vectors[0]!]
  const nearness = new Float32Array(vectors.length).fill(-2)
  while (chosen.length < count) {
    let [far, least] = [0, 2]
    vectors.forEach((vector, at) => {
      nearness[at] = Math.max(nearness[at]!, dotOf(vector, chosen.at(-1)!))
      if (nearness[at]! < least) [far, least] = [at, nearness[at]!]
    })
    chosen.push(vectors[far]!)
  }
  return chosen
}

function nearestMiddles(
  vectors: readonly Float32Array[],
  middles: readonly Float32Array[],
  dimensions: number,
) {
  const places = Int32Array.from(middles, (_, at) => at)
  const set = new VectorSet({ ...packed(middles, dimensions, places), ...noClusters })
  return vectors.map((vector) => set.nearestOfAll(question(vector))!.at)
}

/** The sum has the direction of the mean. An empty cluster keeps its centroid. */
function meansOf(
  vectors: readonly Float32Array[],
  nearest: readonly number[],
  middles: readonly Float32Array[],
): Float32Array[] {
  const sums = middles.map((middle) => new Float32Array(middle.length))
  const counts = new Int32Array(middles.length)
  vectors.forEach((vector, at) => {
    const sum = sums[nearest[at]!]!
    counts[nearest[at]!]! += 1
    for (let d = 0; d < sum.length; d += 1) sum[d]! += vector[d]!
  })
  return sums.map((sum, at) => (counts[at] === 0 ? middles[at]! : sum))
}

function dotOf(a: Float32Array, b: Float32Array): number {
  let dot = 0
  for (let d = 0; d < a.length; d += 1) dot += a[d]! * b[d]!
  return dot
}
