import { describe, expect, it } from 'vitest'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts'

const everyPattern = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer)
const floatOf = (bits: number): Float32Array => new Float32Array(Uint32Array.of(bits).buffer)

/** The value of a pattern by the definition of the format. */
function valueByDefinition(bits: number, exponentBits: number, mantissaBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1
  const sign = bits >= 0x8000 ? -1 : 1
  const exponent = (bits & 0x7fff) >> mantissaBits
  const fraction = (bits % 2 ** mantissaBits) / 2 ** mantissaBits
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
}

describe.each([
  { name: 'float16', exponent: 5, mantissa: 10, to: toFloat16, from: fromFloat16 },
  { name: 'bfloat16', exponent: 8, mantissa: 7, to: toBfloat16, from: fromBfloat16 },
])('$name', ({ exponent, mantissa, to, from }) => {
  const infinity = (2 ** exponent - 1) << mantissa
  const values = from(everyPattern)

  it('reads all 65536 patterns as the format defines them', () => {
    expect(values.every((value, bits) => Object.is(value, valueByDefinition(bits, exponent, mantissa)))).toBe(
      true,
    )
  })

  it('writes every value back as the pattern it came from, NaN payloads included but made quiet', () => {
    const quiet = 1 << (mantissa - 1)
    const back = to(values)
    expect(back.every((bits, at) => bits === (Number.isNaN(values[at]) ? at | quiet : at))).toBe(true)
  })

  it('rounds to nearest between all neighbours, and the middle to the even one', () => {
    const wrong: number[] = []
    for (let below = 0; below < infinity; below++) {
      // Beyond the largest value the next step would be 2^(bias + 1): half way there, infinity begins.
      const low = valueByDefinition(below, exponent, mantissa)
      const high =
        below + 1 === infinity ? 2 ** (2 ** (exponent - 1)) : valueByDefinition(below + 1, exponent, mantissa)
      const middle = bitsOf(Float32Array.of((low + high) / 2))[0]!
      if (floatOf(middle)[0] !== (low + high) / 2) continue // below the least float32 there is no middle
      const even = below % 2 === 0 ? below : below + 1
      for (const [bits, expected] of [
        [middle - 1, below],
        [middle, even],
        [middle + 1, below + 1],
      ] as const) {
        if (to(floatOf(bits))[0] !== expected) wrong.push(bits)
        if (to(floatOf(bits | 0x80000000))[0] !== (expected | 0x8000)) wrong.push(bits)
      }
    }
    expect(wrong).toEqual([])
  })

  it('keeps the sign of zero, overflows to infinity and never turns NaN into a number', () => {
    expect([...to(Float32Array.of(0, -0, 3.4e38 * 10, -3.4e38 * 10))]).toEqual([
      0,
      0x8000,
      infinity,
      infinity | 0x8000,
    ])
    for (const bits of [0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffffffff]) {
      expect(valueByDefinition(to(floatOf(bits))[0]!, exponent, mantissa)).toBeNaN()
    }
  })
})

it('reads through views that start inside a buffer', () => {
  const inside = new Float32Array(Float32Array.of(9, 1, 2).buffer, 4)
  expect([...fromFloat16(toFloat16(inside))]).toEqual([1, 2])
  expect([...fromBfloat16(toBfloat16(inside))]).toEqual([1, 2])
})
