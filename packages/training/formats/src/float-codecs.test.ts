import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesPerBlock, valuesPerBlock } from './element-types.ts'
import { fallbackType, floatCodec, floatTypes } from './float-codecs.ts'
import { decodeFloats } from './tensor-source.ts'

const blockTypes = floatTypes.filter((type) => valuesPerBlock(type) > 1)

/** Blocks of floats of any magnitude; many of a block share theirs, as weights do. */
const blocksOf = (length: number, most: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(
      fc.tuple(
        fc.integer({ min: -150, max: most }),
        fc.integer(),
        fc.constantFrom('noise', 'plain', 'holes'),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((blocks) => Float32Array.from(blocks.flatMap((block) => fill(length, ...block))))

function fill(length: number, exponent: number, seed: number, kind: string): number[] {
  let state = seed >>> 0
  return Array.from({ length }, (_, at) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const value = (state / 2 ** 31 - 1) * 2 ** exponent
    if (kind === 'plain') return 2 ** exponent
    return kind === 'holes' && (at >> 4) % 3 > 0 ? 0 : value
  })
}

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

describe.each(blockTypes)('%s', (type) => {
  const { encode, decode } = floatCodec(type)!
  const length = valuesPerBlock(type)

  it('takes the bytes the table of types says and gives as many values back', () => {
    expect(encode(new Float32Array(3 * length))).toHaveLength(3 * bytesPerBlock(type))
    expect(decode(new Uint8Array(3 * bytesPerBlock(type)))).toHaveLength(3 * length)
    expect(encode(new Float32Array(0))).toHaveLength(0)
    expect(decode(new Uint8Array(0))).toHaveLength(0)
  })

  it('keeps zeros', () => {
    for (const zero of [0, -0]) {
      expect(decode(encode(new Float32Array(length).fill(zero))!).every((value) => value === 0)).toBe(true)
    }
  })

  it('never destroys a block: any finite values come back nearly, or are refused', () => {
    fc.assert(
      fc.property(blocksOf(length, 127), (values) => {
        const bytes = encode(values)
        if (bytes === undefined) {
          expect(largest(values)).toBeGreaterThan(65504 * 7)
          return
        }
        const back = decode(bytes)
        for (let from = 0; from < values.length; from += length) {
          const most = largest(values.subarray(from, from + length))
          const errors = values.subarray(from, from + length).map((value, at) => value - back[from + at]!)
          // 2^-13: where scales are half-precision subnormals, values down there are lost.
          expect(largest(errors)).toBeLessThanOrEqual(most / 4 + 2 ** -13)
        }
      }),
    )
  })

  it('does not let blocks touch each other', () => {
    fc.assert(
      fc.property(blocksOf(length, 10), blocksOf(length, 127), (some, others) => {
        const alone = encode(some)!
        encode(others)
        const together = encode(Float32Array.from([...some, ...some]))!
        expect(Buffer.concat([alone, alone]).equals(together)).toBe(true)
      }),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e12, -1e12, 1e20, -3e38])(
    'refuses a block with %d',
    (value) => {
      for (const at of [0, 15, 16, length - 1, length, 2 * length - 1]) {
        expect(encode(new Float32Array(2 * length).fill(1).fill(value, at, at + 1))).toBeUndefined()
        expect(encode(new Float32Array(2 * length).fill(value, at, at + 1))).toBeUndefined()
      }
    },
  )

  it('reads any bytes, at any offset, without touching them', () => {
    const bytes = fc.uint8Array({ minLength: bytesPerBlock(type), maxLength: bytesPerBlock(type) })
    fc.assert(
      fc.property(bytes, fc.nat(7), (block, offset) => {
        const inside = new Uint8Array(offset + block.length)
        inside.set(block, offset)
        const values = decode(inside.subarray(offset))
        expect(values).toEqual(decode(block))
        expect(values).toHaveLength(length)
        expect(inside.subarray(offset)).toEqual(block)
      }),
    )
  })
})

it.each([
  ['Q8_0', 0.0054],
  ['Q6_K', 0.0178],
  ['Q4_K', 0.0715],
  ['Q4_0', 0.0861],
] as const)('%s costs normal weights %d of their root mean square', (type, share) => {
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  const values = Float32Array.from({ length: 1 << 16 }, () => {
    return 0.02 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  })
  const back = decodeFloats('w', type, floatCodec(type)!.encode(values)!)
  const error = values.reduce((sum, value, at) => sum + (value - back[at]!) ** 2, 0)
  const energy = values.reduce((sum, value) => sum + value ** 2, 0)
  expect(Math.sqrt(error / energy) / share).toBeCloseTo(1, 1)
})

describe('decodeFloats', () => {
  it('reads plain types through views that start anywhere', () => {
    const bytes = new Uint8Array([9, 0, 0, 0x80, 0x3f, 0x7f]).subarray(1, 5)
    expect([...decodeFloats('w', 'F32', bytes)]).toEqual([1])
    expect([...decodeFloats('w', 'BF16', bytes)]).toEqual([0, 1])
    expect([...decodeFloats('w', 'F16', bytes)]).toEqual([0, 1.875])
  })

  it.each([...floatTypes])('refuses half a block of %s by the name of the tensor', (type) => {
    expect(() => decodeFloats('w', type, new Uint8Array(bytesPerBlock(type) * 2 - 1))).toThrow(
      expect.objectContaining({
        code: 'tensor_source_invalid',
        message: expect.stringContaining(`tensor "w" has ${bytesPerBlock(type) * 2 - 1} bytes`),
      }),
    )
  })

  it.each(['Q4_1', 'I32', 'toString'] as 'I32'[])('refuses %s', (type) => {
    expect(() => decodeFloats('w', type, new Uint8Array(20))).toThrow(
      expect.objectContaining({ code: 'tensor_type_unsupported' }),
    )
  })
})

it.each([
  ['Q4_K', 512, 'Q4_K'],
  ['Q4_K', 576, 'Q8_0'],
  ['Q6_K', 96, 'Q8_0'],
  ['Q4_K', 100, 'F16'],
  ['Q4_0', 96, 'Q4_0'],
  ['Q4_0', 80, 'F16'],
  ['Q8_0', 80, 'F16'],
  ['F32', 7, 'F32'],
  ['BF16', 7, 'BF16'],
] as const)('a matrix wanted in %s with rows of %d goes to %s', (type, rowLength, stored) => {
  expect(fallbackType(type, rowLength)).toBe(stored)
})
