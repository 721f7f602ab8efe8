import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { halfOf } from './half.ts'
import { dequantizeQ6_K, quantizeQ6_K } from './q6-k.ts'

/** Lays a block out bit by bit as the format is described, with nothing of the code under test. */
function assemble(factor: number, scales: readonly number[], quants: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(210)
  for (let at = 0; at < 256; at++) {
    const half = Math.floor(at / 128)
    const row = Math.floor(at / 32) % 4
    const column = at % 32
    bytes[half * 64 + (row % 2) * 32 + column]! += (quants[at]! % 16) * (row < 2 ? 1 : 16)
    bytes[128 + half * 32 + column]! += Math.floor(quants[at]! / 16) * 4 ** row
  }
  bytes.set(Int8Array.from(scales), 192)
  bytes.set([halfOf(factor) % 256, Math.floor(halfOf(factor) / 256)], 208)
  return bytes
}

const integers = (min: number, max: number, length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: length, maxLength: length })

describe('Q6_K', () => {
  it('reads a block as the format lays it out', () => {
    fc.assert(
      fc.property(integers(-128, 127, 16), integers(0, 63, 256), (scales, quants) => {
        const expected = quants.map((quant, at) => 0.5 * scales[at >> 4]! * (quant - 32) + 0)
        expect([...dequantizeQ6_K(assemble(0.5, scales, quants)).map((value) => value + 0)]).toEqual(expected)
      }),
    )
  })

  it('gives each value the nearest of the 64 that its group has', () => {
    fc.assert(
      fc.property(integers(-1000, 1000, 256), fc.integer({ min: -8, max: 8 }), (list, exponent) => {
        const values = Float32Array.from(list, (value) => value * 2 ** exponent)
        const bytes = quantizeQ6_K(values)!
        const back = dequantizeQ6_K(bytes)
        // One step of each group, read off a block whose quants are all 33.
        const steps = dequantizeQ6_K(bytes.slice().fill(0x11, 0, 128).fill(0xaa, 128, 192))
        values.forEach((value, at) => {
          const step = Math.abs(steps[at]!)
          const quant = Math.max(-32, Math.min(31, Math.round(value / steps[at]!)))
          const least = step === 0 ? Math.abs(value) : Math.abs(quant * steps[at]! - value)
          expect(Math.abs(back[at]! - value)).toBeLessThanOrEqual(least + step * 1e-4)
        })
      }),
    )
  })

  it('is exact where values stand on the steps of their groups', () => {
    const scales = [-128, 64, 32, 16, 100, -7, 1, 127, -128, 3, 9, 27, 81, -81, 50, 2]
    const quants = Array.from({ length: 256 }, (_, at) => (at % 16 === 0 ? 0 : (at * 13) % 64))
    const values = dequantizeQ6_K(assemble(0.5, scales, quants))
    expect([...dequantizeQ6_K(quantizeQ6_K(values)!)]).toEqual([...values])
  })

  it('takes groups below 1e-15 for zero', () => {
    expect(quantizeQ6_K(new Float32Array(256).fill(9e-16))!.every((byte) => byte === 0)).toBe(true)
  })
})
