import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { halfOf, valueOfHalf } from './half.ts'
import { dequantizeQ4_K, quantizeQ4_K } from './q4-k.ts'

interface Parts {
  readonly factors: readonly [scale: number, minimum: number]
  /** Six bits each, of 8 groups. */
  readonly scales: readonly number[]
  readonly minima: readonly number[]
  /** Four bits each, of 256 values. */
  readonly quants: readonly number[]
}

/** Lays a block out bit by bit as the format is described, with nothing of the code under test. */
function assemble({ factors, scales, minima, quants }: Parts): Uint8Array {
  const bytes = new Uint8Array(144)
  new Uint16Array(bytes.buffer).set(factors.map(halfOf))
  for (let group = 0; group < 4; group++) {
    const later = group + 4
    bytes[4 + group] = scales[group]! + Math.floor(scales[later]! / 16) * 64
    bytes[8 + group] = minima[group]! + Math.floor(minima[later]! / 16) * 64
    bytes[12 + group] = (scales[later]! % 16) + (minima[later]! % 16) * 16
  }
  for (let at = 0; at < 256; at++) {
    const pair = Math.floor(at / 64)
    bytes[16 + pair * 32 + (at % 32)]! += quants[at]! * (at % 64 < 32 ? 1 : 16)
  }
  return bytes
}

const bits = (count: number, length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: 2 ** count - 1 }), { minLength: length, maxLength: length })
const parts: fc.Arbitrary<Parts> = fc.record({
  factors: fc.constant([0.5, 0.25] as const),
  scales: bits(6, 8),
  minima: bits(6, 8),
  quants: bits(4, 256),
})

const weights = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 256, maxLength: 256 })

/** What each value of a group can be, read off a block by decoding it with all quants set to each of 16. */
function choices(bytes: Uint8Array): Float32Array[] {
  return Array.from({ length: 16 }, (_, quant) => {
    return dequantizeQ4_K(bytes.slice().fill(quant * 17, 16))
  })
}

describe('Q4_K', () => {
  it('reads a block as the format lays it out', () => {
    fc.assert(
      fc.property(parts, ({ factors, scales, minima, quants }) => {
        const values = dequantizeQ4_K(assemble({ factors, scales, minima, quants }))
        const expected = quants.map((quant, at) => {
          const group = at >> 5
          return factors[0] * scales[group]! * quant - factors[1] * minima[group]!
        })
        expect([...values]).toEqual(expected)
      }),
    )
  })

  it('gives each value the nearest of the 16 that its group has', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: -8, max: 8 }), (list, exponent) => {
        const values = Float32Array.from(list, (value) => value * 2 ** exponent)
        const bytes = quantizeQ4_K(values)!
        const back = dequantizeQ4_K(bytes)
        const nearest = choices(bytes)
        values.forEach((value, at) => {
          const least = Math.min(...nearest.map((choice) => Math.abs(choice[at]! - value)))
          expect(Math.abs(back[at]! - value)).toBeLessThanOrEqual(least + Math.abs(value) * 1e-6)
        })
      }),
    )
  })

  it('is exact where values stand on one line with their groups', () => {
    const groupScales = [63, 31, 7, 1, 63, 12, 50, 2]
    const quants = Array.from({ length: 256 }, (_, at) => (at * 7 + (at >> 5)) % 16)
    const bytes = assemble({ factors: [0.5, 0.25], scales: groupScales, minima: groupScales, quants })
    const values = dequantizeQ4_K(bytes)
    expect([...dequantizeQ4_K(quantizeQ4_K(values)!)]).toEqual([...values])
  })

  it('keeps constants: positive ones by the scale, negative ones by the minimum', () => {
    for (const constant of [1, -1, 1000, -1000]) {
      const back = dequantizeQ4_K(quantizeQ4_K(new Float32Array(256).fill(constant))!)
      for (const value of back) expect(value / constant).toBeCloseTo(1, 3)
    }
    const factors = new Uint16Array(quantizeQ4_K(new Float32Array(256).fill(-63))!.buffer)
    expect([valueOfHalf(factors[0]!), valueOfHalf(factors[1]!)]).toEqual([0, 1])
  })
})
