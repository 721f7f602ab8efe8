/**
 * ggml's Q8_0: blocks of 32 values as a half-precision scale d = max|x| / 127 and 32 signed bytes round(x / d). Gives the
 * same bytes as ggml's `quantize_row_q8_0_ref`, every intermediate rounded to float32 as C does.
 */

import { halfOf, overflows, valueOfHalf } from './half.ts'

const blockLength = 32
const blockBytes = 34

/**
 * `values.length` must be a multiple of 32. Undefined when a value is not finite, or so large that its block's scale
 * overflows half precision: such weights would be silently destroyed.
 */
export function quantizeQ8_0(values: Float32Array): Uint8Array | undefined {
  const blocks = values.length / blockLength
  const bytes = new Uint8Array(blocks * blockBytes)
  const quants = new Int8Array(bytes.buffer)
  for (let block = 0; block < blocks; block++) {
    const from = block * blockLength
    const to = block * blockBytes
    let largest = 0
    // Times zero: stays zero for finite values, becomes NaN for infinities and NaN.
    let nonFinite = 0
    for (let at = from; at < from + blockLength; at++) {
      const magnitude = Math.abs(values[at]!)
      if (magnitude > largest) largest = magnitude
      nonFinite += magnitude * 0
    }
    const scale = Math.fround(largest / 127)
    const half = halfOf(scale)
    if (nonFinite !== 0 || overflows(half)) return undefined
    bytes[to] = half & 0xff
    bytes[to + 1] = half >>> 8
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    for (let at = 0; at < blockLength; at++) {
      const scaled = Math.fround(values[from + at]! * inverse)
      // C's roundf: halves go away from zero.
      quants[to + 2 + at] = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(scaled + 0.5)
    }
  }
  return bytes
}

/** `bytes.length` must be a multiple of 34. */
export function dequantizeQ8_0(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / blockBytes
  const values = new Float32Array(blocks * blockLength)
  const quants = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let block = 0; block < blocks; block++) {
    const header = block * blockBytes
    const scale = valueOfHalf(bytes[header]! | (bytes[header + 1]! << 8))
    const from = header + 2
    const to = block * blockLength
    for (let at = 0; at < blockLength; at++) values[to + at] = quants[from + at]! * scale
  }
  return values
}
