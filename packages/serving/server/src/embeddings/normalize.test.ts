import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalized } from './normalize.ts'

const vectors = fc
  .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 64 })
  .map((numbers) => Float32Array.from(numbers))

const pLength = (vector: Float32Array, p: number): number =>
  vector.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p)

describe('normalized', () => {
  it('gives length 1 in the p-norm, and keeps the direction', () => {
    fc.assert(
      fc.property(vectors, fc.integer({ min: 1, max: 6 }), (vector, p) => {
        const length = pLength(vector, p)
        fc.pre(length > 1e-3)
        const result = normalized(vector, p)
        expect(pLength(result, p)).toBeCloseTo(1, 4)
        for (const [at, value] of result.entries()) expect(value).toBeCloseTo(vector[at]! / length, 4)
      }),
    )
  })

  it('cuts first, and scales what is left', () => {
    fc.assert(
      fc.property(vectors, fc.integer({ min: 1, max: 64 }), (vector, dimensions) => {
        fc.pre(dimensions <= vector.length)
        const cut = normalized(vector, 2, dimensions)
        expect(cut).toEqual(normalized(vector.slice(0, dimensions), 2))
        expect(cut).toHaveLength(dimensions)
      }),
    )
  })

  it('leaves vectors unscaled with -1, and scales the largest value to 32760 with 0', () => {
    expect([...normalized(Float32Array.of(3, -4), -1)]).toEqual([3, -4])
    expect([...normalized(Float32Array.of(1, -4), 0)]).toEqual([8190, -32_760])
  })

  it('leaves zeros zero', () => {
    for (const norm of [-1, 0, 1, 2, 3]) expect([...normalized(Float32Array.of(0, 0), norm)]).toEqual([0, 0])
  })
})
