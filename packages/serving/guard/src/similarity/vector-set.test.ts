import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clusterVectors } from './cluster-vectors.ts'
import { cosineOf, toUnitLength } from './encoder.ts'
import { question, VectorSet } from './vector-set.ts'

/** A seeded generator for reproducible failures (Park and Miller 1988). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const vectorsOf = (count: number, dimensions: number, share: number, seed = 7): Float32Array[] => {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () =>
    toUnitLength(
      Float32Array.from({ length: dimensions }, () => (random() < share ? random() + random() - 1 : 0)),
    ),
  )
}

/** Clustered, like texts of similar kinds. */
function groupedVectors(count: number, dimensions: number, seed: number): Float32Array[] {
  const random = randomFrom(seed)
  const middles = vectorsOf(20, dimensions, 1, seed)
  return Array.from({ length: count }, (_, at) =>
    toUnitLength(middles[at % 20]!.map((value) => value + 0.1 * (random() + random() - 1))),
  )
}

const setOf = (vectors: readonly Float32Array[], dimensions: number): VectorSet =>
  new VectorSet(clusterVectors(vectors, dimensions).parts)

describe('a set of vectors', () => {
  it('finds what a comparison with each finds, up to the rounding to eight bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.boolean(),
        (count, seed, few) => {
          const [vectors, query] = [
            vectorsOf(count, 64, few ? 0.1 : 1, seed),
            vectorsOf(1, 64, few ? 0.2 : 1, seed + 1)[0]!,
          ]
          const best = Math.max(...vectors.map((vector) => cosineOf(vector, query)))
          expect(setOf(vectors, 64).nearest(question(query))!.cosine).toBeCloseTo(best, 1)
        },
      ),
    )
  })

  it('reads lists by dimension where most is zero, with the same result', () => {
    const [vectors, query] = [vectorsOf(300, 128, 0.05), question(vectorsOf(1, 128, 0.3, 99)[0]!)]
    const set = setOf(vectors, 128)
    const found = set.nearestOfAll(query)!
    const each = vectors.map((_, at) => set.cosine(query, at))
    expect(set.parts.middles).toHaveLength(0)
    expect(found.cosine).toBe(Math.max(...each))
    expect(each[found.at]).toBe(found.cosine)
  })

  it('loses next to nothing by reading a few clusters, and reads a small part', () => {
    const vectors = groupedVectors(2000, 32, 3)
    const { parts, order } = clusterVectors(vectors, 32)
    const set = new VectorSet(parts)
    expect([...order].sort((a, b) => a - b)).toEqual([...vectors.keys()])
    let lost = 0
    for (const query of [...groupedVectors(100, 32, 5), ...vectors.slice(0, 100)].map(question))
      lost = Math.max(lost, set.nearestOfAll(query)!.cosine - set.nearest(query)!.cosine)
    expect(lost).toBeLessThan(0.05)
  })

  it('is near to nothing with zeros, and empty without vectors', () => {
    expect(setOf([new Float32Array(4)], 4).nearest(question(new Float32Array(4)))!.cosine).toBe(0)
    expect(setOf([], 4).nearest(question(new Float32Array(4)))).toBeUndefined()
  })

  it('refuses clusters that are none of its vectors', () => {
    const parts = {
      dimensions: 2,
      vectors: new Int8Array(8),
      middles: new Int8Array(2),
      starts: Int32Array.from([0, 5]),
    }
    expect(() => new VectorSet(parts)).toThrow(RangeError)
    expect(() => new VectorSet({ ...parts, vectors: new Int8Array(7) })).toThrow(RangeError)
    expect(new VectorSet({ ...parts, starts: Int32Array.from([0, 4]) }).size).toBe(4)
  })
})
