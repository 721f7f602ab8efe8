/** The formats package agrees with ggml itself, byte for byte: block sizes, half precision, quantizers, and readers on damage. */

import {
  byteCount,
  decodeFloats,
  encodeTensor,
  type FloatType,
  floatTypes,
  fromBfloat16,
  fromFloat16,
  type GgufTensorType,
  tensorTypeIds,
  toBfloat16,
  toFloat16,
} from '@hadal/formats'
import { describe, expect, it } from 'vitest'
import { loadLibrary } from './llama-libraries.ts'

const ggml = loadLibrary('ggml-base')
const convert = (name: string): ((from: ArrayBufferView, to: ArrayBufferView, count: number) => void) =>
  ggml.func(name, 'void', ['void *', 'void *', 'int64_t'])

/** Floats of every magnitude that half precision can hold, and beyond; deterministic. */
function assortedFloats(count: number, exponents: { from: number; to: number }): Float32Array {
  const random = randomNumbers(12345)
  return Float32Array.from({ length: count }, () => {
    const exponent = exponents.from + random() * (exponents.to - exponents.from)
    return (random() * 2 - 1) * 2 ** exponent
  })
}

describe('ggml', () => {
  it('has the same block and byte sizes for every tensor type', () => {
    const nameOf = ggml.func('ggml_type_name', 'str', ['int'])
    const valuesOf = ggml.func('ggml_blck_size', 'int64_t', ['int'])
    const bytesOf = ggml.func('ggml_type_size', 'size_t', ['int'])
    for (const [type, id] of Object.entries(tensorTypeIds) as [GgufTensorType, number][]) {
      const values = Number(valuesOf(id))
      expect([nameOf(id).toUpperCase(), Number(bytesOf(id))]).toEqual([type, byteCount(type, [values])])
      if (values > 1) expect(byteCount(type, [values / 2])).toBeUndefined()
    }
  })

  it.each([
    ['ggml_fp32_to_fp16_row', toFloat16],
    ['ggml_fp32_to_bf16_row', toBfloat16],
  ])('rounds like %s', (name, ours) => {
    const floats = assortedFloats(1 << 20, { from: -30, to: 18 })
    const theirs = new Uint16Array(floats.length)
    convert(name)(floats, theirs, floats.length)
    expect(Buffer.compare(Buffer.from(ours(floats).buffer), Buffer.from(theirs.buffer))).toBe(0)
  })

  it.each([
    ['ggml_fp16_to_fp32_row', fromFloat16],
    ['ggml_bf16_to_fp32_row', fromBfloat16],
  ])('reads like %s', (name, ours) => {
    const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
    const theirs = new Float32Array(halves.length)
    convert(name)(halves, theirs, halves.length)
    const values = ours(halves)
    const differing = [...halves].filter((bits) => !Object.is(values[bits], theirs[bits]))
    expect(differing).toEqual([])
  })

  const quantizeChunk = ggml.func('ggml_quantize_chunk', 'size_t', [
    ...['int', 'void *', 'void *'],
    ...['int64_t', 'int64_t', 'int64_t', 'void *'],
  ])
  const quantize = (type: FloatType, floats: Float32Array): Uint8Array => {
    const bytes = new Uint8Array(byteCount(type, [floats.length])!)
    quantizeChunk(tensorTypeIds[type], floats, bytes, 0, 1, floats.length, null)
    return bytes
  }
  const dequantize = (type: FloatType, bytes: Uint8Array, count: number): Float32Array => {
    const floats = new Float32Array(count)
    convert(`dequantize_row_${type.replace('Q', 'q')}`)(bytes, floats, count)
    return floats
  }
  const blockTypes = floatTypes.filter((type) => type.startsWith('Q'))
  // Elsewhere compilers may fuse multiplications and additions, which the sums of K types show.
  const sameBytes = blockTypes.filter((type) => process.arch === 'x64' || !type.endsWith('_K'))

  it.each(sameBytes.flatMap((type) => Object.entries(weights).map(([kind, of]) => ({ type, kind, of }))))(
    'quantizes $kind to the same $type bytes and back to the same floats',
    ({ type, of }) => {
      const floats = of(1 << 16)
      const theirs = quantize(type, floats)
      const ours = encodeTensor({ name: 'w', shape: [floats.length], type, data: floats })
      expect(Buffer.compare(ours, theirs)).toBe(0)
      expect(differing(decodeFloats('w', type, ours), dequantize(type, theirs, floats.length))).toEqual([])
    },
  )

  it.each(blockTypes)('reads any bytes as %s as ggml does, infinite and NaN scales among them', (type) => {
    const random = randomNumbers(99)
    const count = 1 << 18
    const bytes = new Uint8Array(byteCount(type, [count])!).map(() => random() * 256)
    expect(differing(decodeFloats('w', type, bytes), dequantize(type, bytes, count))).toEqual([])
  })
})

/** Makers of weights, kind by kind: what training leaves, and what makes quantizers stumble. */
const weights: Readonly<Record<string, (count: number) => Float32Array>> = {
  'normal weights': (count) => {
    const random = randomNumbers(1)
    return Float32Array.from({ length: count }, () => normal(random) * 0.02)
  },
  'numbers of every magnitude': (count) => assortedFloats(count, { from: -20, to: 4 }),
  'blocks down to subnormal floats': (count) => {
    const random = randomNumbers(2)
    return Float32Array.from({ length: count }, (_, at) => normal(random) * 2 ** (2 - ((at >>> 8) % 152)))
  },
  'zeros, constants and outliers': (count) => {
    const random = randomNumbers(3)
    const levels = [0, -100, 3, 1e5]
    return Float32Array.from({ length: count }, (_, at) => {
      const group = at >>> 4
      return levels[group % 6] ?? normal(random) * 10 ** (4 - (group % 11))
    })
  },
  // Their minima are rounded by more than 4194303 of their scales, where ggml's rounding gives anything.
  'small differences far from a large level': (count) => {
    const random = randomNumbers(4)
    const levels = [-30000, -200, -300]
    return Float32Array.from({ length: count }, (_, at) => {
      const level = (at >>> 5) % 3
      return levels[level]! + (level === 0 ? 0 : normal(random) * 1e-4)
    })
  },
}

/** Where values differ, bit by bit except that every NaN is NaN. */
function differing(ours: Float32Array, theirs: Float32Array): number[] {
  return [...ours.keys()].filter((at) => !Object.is(ours[at], theirs[at])).slice(0, 5)
}

function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
