import { describe, expect, it } from 'vitest'
import { Pool } from './pool.ts'

const pooled = (pooling: 'none' | 'mean' | 'cls' | 'last', ...parts: number[][]): number[][] => {
  const pool = new Pool(pooling, 2)
  for (const part of parts) pool.add(Float32Array.from(part))
  return pool.vectors.map((vector) => [...vector])
}

describe('Pool', () => {
  it.each([
    ['mean', [[3, 4]]],
    ['cls', [[1, 2]]],
    ['last', [[5, 6]]],
    [
      'none',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
  ] as const)('%s: the same in one part and in several', (pooling, vectors) => {
    expect(pooled(pooling, [1, 2, 3, 4, 5, 6])).toEqual(vectors)
    expect(pooled(pooling, [1, 2], [3, 4, 5, 6])).toEqual(vectors)
    expect(pooled(pooling, [1, 2], [3, 4], [5, 6])).toEqual(vectors)
  })

  it('keeps nothing of the memory it is given', () => {
    const rows = Float32Array.of(1, 2)
    const pool = new Pool('last', 2)
    pool.add(rows)
    rows.fill(0)
    expect([...pool.vectors[0]!]).toEqual([1, 2])
  })
})
