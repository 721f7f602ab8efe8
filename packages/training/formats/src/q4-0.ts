/**
 * ggml's Q4_0: blocks of 32 values as a half-precision scale d and 32 four-bit quants q, standing for d (q - 8). The value
 * of largest magnitude becomes q = 0, so d = -value / 8. Byte i holds value i in its low half and value i + 16 in its high
 * half. Gives the same bytes as ggml's `quantize_row_q4_0_ref`, every intermediate rounded to float32 as C does.
 */

import { halfOf, overflows, valueOfHalf } from './half.ts'

const blockLength = 32
const blockBytes = 18

/**
 * `values.length` must be a multiple of 32. Undefined when a value is not finite, or so large that its block's scale
 * overflows half precision.
 */
export function quantizeQ4_0(values: Float32Array): Uint8Array | undefined {
  const fround = Math.fround
  const blocks = values.length / blockLength
  const bytes = new Uint8Array(blocks * blockBytes)
  for (let block = 0; block < blocks; block++) {
    const from = block * blockLength
    const to = block * blockBytes
    let largest = 0
    let signed = 0
    let nonFinite = 0
    for (let at = from; at < from + blockLength; at++) {
      const value = values[at]!
      const magnitude = Math.abs(value)
      if (magnitude > largest) {
        largest = magnitude
        signed = value
      }
      // Times zero: stays zero for finite values, becomes NaN for infinities and NaN.
      nonFinite += magnitude * 0
    }
    const scale = fround(signed / -8)
    const half = halfOf(scale)
    if (nonFinite !== 0 || overflows(half)) return undefined
    bytes[to] = half & 0xff
    bytes[to + 1] = half >>> 8
    const inverse = scale === 0 ? 0 : fround(1 / scale)
    for (let at = 0; at < blockLength / 2; at++) {
      // Both are positive, so `| 0` rounds them down; it makes zero of an infinite inverse, as x86 does.
      const low = fround(fround(values[from + at]! * inverse) + 8.5) | 0
      const high = fround(fround(values[from + at + 16]! * inverse) + 8.5) | 0
      bytes[to + 2 + at] = Math.min(15, low) | (Math.min(15, high) << 4)
    }
  }
  return bytes
}

/** `bytes.length` must be a multiple of 18. */
export function dequantizeQ4_0(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / blockBytes
  const values = new Float32Array(blocks * blockLength)
  for (let block = 0; block < blocks; block++) {
    const from = block * blockBytes
    const to = block * blockLength
    const scale = valueOfHalf(bytes[from]! | (bytes[from + 1]! << 8))
    for (let at = 0; at < blockLength / 2; at++) {
      const pair = bytes[from + 2 + at]!
      values[to + at] = ((pair & 15) - 8) * scale
      values[to + at + 16] = ((pair >>> 4) - 8) * scale
    }
  }
  return values
}
