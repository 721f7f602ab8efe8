import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dequantizeQ4_0, quantizeQ4_0 } from './q4-0.ts'

describe('Q4_0', () => {
  it('puts the largest at -8 steps, value i in a low half and value i + 16 in a high half', () => {
    const values = new Float32Array(32)
    values.set([-8, 3, 2.5, 2.4, -2.5], 0)
    values.set([7, -3, 7.9], 16)
    const bytes = quantizeQ4_0(values)!
    expect([...bytes.subarray(0, 2)]).toEqual([0x00, 0x3c]) // 1
    expect([...bytes.subarray(2, 8)]).toEqual([0xf0, 0x5b, 0xfb, 0x8a, 0x86, 0x88])
    expect([...dequantizeQ4_0(bytes).subarray(0, 6)]).toEqual([-8, 3, 3, 2, -2, 0])
    expect([...dequantizeQ4_0(bytes).subarray(16, 20)]).toEqual([7, -3, 7, 0])
  })

  it('has a negative scale where the largest is positive', () => {
    const bytes = quantizeQ4_0(new Float32Array(32).fill(8))!
    expect([...bytes.subarray(0, 3)]).toEqual([0x00, 0xbc, 0x00])
    expect([...dequantizeQ4_0(bytes)]).toEqual(new Array(32).fill(8))
  })

  it('errs by half a step, and by a whole one only opposite the largest', () => {
    const block = fc.array(fc.float({ noNaN: true, min: -1e4, max: 1e4 }), { minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(block, (list) => {
        const values = Float32Array.from(list)
        const back = dequantizeQ4_0(quantizeQ4_0(values)!)
        const most = list.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
        const step = Math.abs(most) / 8
        // The scale is rounded to a half: 2^-11 of it, or 2^-25 where it is subnormal.
        const slack = 8 * (step * 2 ** -11 + 2 ** -25)
        values.forEach((value, at) => {
          const opposite = Math.sign(value) !== Math.sign(most) && Math.abs(value) > 7 * step
          expect(Math.abs(back[at]! - value)).toBeLessThanOrEqual(
            (opposite ? step : step / 2) * 1.0001 + slack,
          )
        })
      }),
    )
  })
})
