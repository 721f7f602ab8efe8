/** The formats package agrees with ggml itself: block sizes, half precision and Q8_0, byte for byte. */

import {
  byteCount,
  dequantizeQ8_0,
  fromBfloat16,
  fromFloat16,
  type GgufTensorType,
  quantizeQ8_0,
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
  let state = 12345
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
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

  it('quantizes to the same Q8_0 bytes and back to the same floats', () => {
    const floats = assortedFloats(1 << 20, { from: -20, to: 4 })
    floats.fill(0, 0, 64)
    floats.set(assortedFloats(1 << 12, { from: -40, to: 20 }), 64)
    const theirs = new Uint8Array((floats.length / 32) * 34)
    convert('quantize_row_q8_0_ref')(floats, theirs, floats.length)
    const ours = quantizeQ8_0(floats)!
    expect(Buffer.compare(ours, theirs)).toBe(0)
    const back = new Float32Array(floats.length)
    convert('dequantize_row_q8_0')(theirs, back, floats.length)
    expect(Buffer.compare(Buffer.from(dequantizeQ8_0(ours).buffer), Buffer.from(back.buffer))).toBe(0)
  })
})
