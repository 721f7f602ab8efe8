import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareLogits } from './compare-logits.ts'

const logits = (...rows: number[][]): Float32Array => Float32Array.from(rows.flat())

describe('compareLogits', () => {
  it('gives what is worked out by hand', () => {
    const ln2 = Math.LN2
    // Halves against a quarter and three quarters: ½ ln 2 + ½ ln ⅔.
    const { prompts, overall } = compareLogits(
      [
        { name: 'same', reference: logits([1, 2], [3, 0]), candidate: logits([1, 2], [3, 0]) },
        { name: 'apart', reference: logits([ln2, ln2]), candidate: logits([0, Math.log(3)]) },
      ],
      2,
    )
    expect(prompts[0]).toEqual({
      name: 'same',
      tokens: 2,
      maxDifference: 0,
      meanDifference: 0,
      maxDivergence: 0,
      meanDivergence: 0,
      agreement: 1,
    })
    const divergence = 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)
    expect(prompts[1]!.maxDifference).toBeCloseTo(ln2, 6)
    expect(prompts[1]!.meanDifference).toBeCloseTo((ln2 + Math.log(3) - ln2) / 2, 6)
    expect(prompts[1]!.meanDivergence).toBeCloseTo(divergence, 6)
    expect(prompts[1]!.agreement).toBe(0)
    expect(overall).toMatchObject({ tokens: 3, agreement: 2 / 3 })
    expect(overall.meanDivergence).toBeCloseTo(divergence / 3, 6)
    expect(overall.maxDivergence).toBeCloseTo(divergence, 6)
  })

  it('counts differences of single logits but no shift of all', () => {
    const row = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(row, row, fc.integer({ min: -4, max: 4 }), (a, b, shift) => {
        const compare = (candidate: number[]) =>
          compareLogits([{ name: 'x', reference: logits(a), candidate: logits(candidate) }], 5).overall
        const [plain, shifted] = [compare(b), compare(b.map((value) => value + shift))]
        expect(plain.meanDivergence).toBeGreaterThanOrEqual(0)
        expect(shifted.meanDivergence).toBeCloseTo(plain.meanDivergence, 4)
        expect(plain.maxDifference).toBeGreaterThanOrEqual(plain.meanDifference)
        expect(compare(a.map((value) => value + shift)).maxDifference).toBeCloseTo(Math.abs(shift), 4)
      }),
    )
  })

  it('lets no number that is none pass for one', () => {
    const { overall } = compareLogits(
      [{ name: 'x', reference: logits([0, 1]), candidate: logits([0, Number.NaN]) }],
      2,
    )
    expect([overall.maxDifference, overall.meanDivergence]).toEqual([Number.NaN, Number.NaN])
  })

  it('refuses lengths that do not fit together', () => {
    const short = [{ name: 'short', reference: logits([0, 1]), candidate: logits([0]) }]
    expect(() => compareLogits(short, 2)).toThrow(/short has 2 and 1 logits of 2 tokens/)
  })
})
