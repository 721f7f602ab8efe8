import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromFloat16 } from './half.ts'
import { dequantizeQ8_0, quantizeQ8_0 } from './q8-0.ts'

const block = (...values: number[]): Float32Array => {
  const padded = new Float32Array(Math.ceil(values.length / 32) * 32)
  padded.set(values)
  return padded
}

describe('Q8_0', () => {
  it('stores the scale as a half and rounds halves away from zero', () => {
    const bytes = quantizeQ8_0(block(127, 2.5, -2.5, 0.49, -0.5, 1, -127))!
    expect(bytes.length).toBe(34)
    expect([...bytes.subarray(0, 2)]).toEqual([0x00, 0x3c])
    expect([...new Int8Array(bytes.buffer, 2, 8)]).toEqual([127, 3, -3, 0, -1, 1, -127, 0])
    expect([...dequantizeQ8_0(bytes).subarray(0, 4)]).toEqual([127, 3, -3, 0])
  })

  it('is within half a step, and the error of the half-precision scale, of every value', () => {
    const values = fc
      .array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 96 })
      .map((list) => block(...list))
    fc.assert(
      fc.property(values, (floats) => {
        const bytes = quantizeQ8_0(floats)!
        const back = dequantizeQ8_0(bytes)
        floats.forEach((value, at) => {
          const from = Math.floor(at / 32)
          const largest = Math.max(...floats.subarray(from * 32, from * 32 + 32).map(Math.abs))
          // 2^-11 relative rounding of the scale; 2^-25 absolute where it is subnormal.
          const slack = largest / 254 + 127 * (largest / 127) * 2 ** -11 + 127 * 2 ** -25
          expect(Math.abs(back[at]! - value)).toBeLessThanOrEqual(slack * 1.0001)
        })
      }),
    )
  })

  it('quantizes what it dequantized to the same values again', () => {
    // 126 and below may move with the rounded scale; the largest of each block stays 127 times it.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 1, maxLength: 32 }),
        (quants) => {
          const bytes = new Uint8Array(34)
          new Int8Array(bytes.buffer).set([127, ...quants.slice(1)], 2)
          bytes[1] = 0x3c
          expect(quantizeQ8_0(dequantizeQ8_0(bytes))).toEqual(bytes)
        },
      ),
    )
  })

  it('leaves a block of zeros at scale zero', () => {
    expect(quantizeQ8_0(block(0, -0))!.every((byte) => byte === 0)).toBe(true)
    expect(quantizeQ8_0(block(1e-40))!.every((byte, at) => byte === 0 || at > 1)).toBe(true)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e7])(
    'refuses a block with %d',
    (value) => {
      expect(quantizeQ8_0(block(...new Array(40).fill(1), value))).toBeUndefined()
    },
  )

  it('reads blocks at any offset', () => {
    const bytes = quantizeQ8_0(block(1, 2, 3))!
    const shifted = new Uint8Array(35)
    shifted.set(bytes, 1)
    expect(dequantizeQ8_0(shifted.subarray(1))).toEqual(dequantizeQ8_0(bytes))
    expect(fromFloat16(new Uint16Array(bytes.buffer, 0, 1))[0]).toBeCloseTo(3 / 127, 4)
  })
})
