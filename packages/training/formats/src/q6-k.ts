/**
 * ggml's Q6_K: blocks of 256 values in 16 groups of 16. A group has a signed byte s as its scale, a block the
 * half-precision factor d, and a value six bits q, standing for d s (q - 32). 210 bytes: 128 of the lower four bits of
 * quants, 64 of their upper two bits, 16 scales, d. Gives the same bytes as ggml's `quantize_row_q6_K_ref`, which uses no
 * importance matrix: every intermediate is rounded to float32, and sums run in C's order.
 */

import { halfOf, overflows, valueOfHalf } from './half.ts'
import { nearestInt } from './nearest-int.ts'

const blockLength = 256
const blockBytes = 210
const groups = 16
const groupLength = 16
const upperBits = 128
const scaleBytes = 192
const factorBytes = 208
const fround = Math.fround

/**
 * `values.length` must be a multiple of 256. Undefined when a value is not finite, or so large that its block's scales
 * overflow half precision.
 */
export function quantizeQ6_K(values: Float32Array): Uint8Array | undefined {
  const blocks = values.length / blockLength
  const bytes = new Uint8Array(blocks * blockBytes)
  for (let block = 0; block < blocks; block++) {
    if (!quantizeBlock(values, block * blockLength, bytes, block * blockBytes)) return undefined
  }
  return bytes
}

/** `bytes.length` must be a multiple of 210. */
export function dequantizeQ6_K(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / blockBytes
  const values = new Float32Array(blocks * blockLength)
  for (let block = 0; block < blocks; block++) {
    const from = block * blockBytes
    const to = block * blockLength
    const factor = valueOfHalf(bytes[from + factorBytes]! | (bytes[from + factorBytes + 1]! << 8))
    for (let group = 0; group < groups; group++) {
      const scale = factor * ((bytes[from + scaleBytes + group]! << 24) >> 24)
      // Each half of a block lies in four rows of 32 values: two share 64 bytes of lower bits, all four 32 of upper ones.
      const half = group >>> 3
      const row = (group >>> 1) & 3
      const column = (group & 1) * groupLength
      const lower = from + half * 64 + (row & 1) * 32 + column
      const upper = from + upperBits + half * 32 + column
      for (let at = 0; at < groupLength; at++) {
        const quant =
          ((bytes[lower + at]! >>> ((row >>> 1) * 4)) & 15) | (((bytes[upper + at]! >>> (row * 2)) & 3) << 4)
        values[to + group * groupLength + at] = scale * (quant - 32)
      }
    }
  }
  return values
}

/** Scales of the current block. Kept between calls: a block allocates nothing. */
const scales = new Float32Array(groups)
const quants = new Uint8Array(blockLength)

function quantizeBlock(values: Float32Array, from: number, bytes: Uint8Array, to: number): boolean {
  let largest = 0
  let signed = 0
  let nonFinite = 0
  for (let group = 0; group < groups; group++) {
    // Times zero: stays zero for finite values, becomes NaN for infinities and NaN.
    for (let at = 0; at < groupLength; at++) nonFinite += values[from + group * groupLength + at]! * 0
    const scale = fitGroup(values, from + group * groupLength, group * groupLength)
    scales[group] = scale
    nonFinite += scale * 0
    if (Math.abs(scale) > largest) {
      largest = Math.abs(scale)
      signed = scale
    }
  }
  if (nonFinite !== 0) return false
  if (largest < negligible) return true
  const inverse = fround(-128 / signed)
  const factor = halfOf(fround(1 / inverse))
  if (overflows(factor)) return false
  bytes[to + factorBytes] = factor & 0xff
  bytes[to + factorBytes + 1] = factor >>> 8
  for (let group = 0; group < groups; group++) {
    const quantized = Math.min(127, nearestInt(inverse * scales[group]!))
    bytes[to + scaleBytes + group] = quantized
    const scale = fround(valueOfHalf(factor) * quantized)
    if (scale === 0) continue
    for (let at = group * groupLength; at < (group + 1) * groupLength; at++) {
      quants[at] = clamp(nearestInt(values[from + at]! / scale)) + 32
    }
  }
  pack(bytes, to)
  return true
}

function pack(bytes: Uint8Array, to: number): void {
  for (let half = 0; half < 2; half++) {
    const lower = to + half * 64
    const upper = to + upperBits + half * 32
    for (let at = 0; at < 32; at++) {
      const first = quants[half * 128 + at]!
      const second = quants[half * 128 + at + 32]!
      const third = quants[half * 128 + at + 64]!
      const fourth = quants[half * 128 + at + 96]!
      bytes[lower + at] = (first & 15) | ((third & 15) << 4)
      bytes[lower + at + 32] = (second & 15) | ((fourth & 15) << 4)
      bytes[upper + at] = (first >>> 4) | ((second >>> 4) << 2) | ((third >>> 4) << 4) | ((fourth >>> 4) << 6)
    }
  }
}

/** Groups below this are zero to ggml, a float32 in its source. */
const negligible = fround(1e-15)
const tenth = fround(0.1)

/**
 * The scale of a group; its quants go to `quants`. Tries 19 roundings, fits a factor to each by least squares, and keeps
 * the one that explains most; a value x weighs x^2. ggml's `make_qx_quants`.
 */
function fitGroup(values: Float32Array, from: number, to: number): number {
  let largest = 0
  let signed = 0
  for (let at = 0; at < groupLength; at++) {
    const value = values[from + at]!
    if (Math.abs(value) > largest) {
      largest = Math.abs(value)
      signed = value
    }
  }
  if (largest < negligible) {
    quants.fill(0, to, to + groupLength)
    return 0
  }
  let scale = 0
  let best = 0
  for (let step = 0; step < 19; step++) {
    // The plain rounding first, then those with a range 0.9 steps shorter to 0.9 steps longer.
    const offset = step === 0 ? 0 : step < 10 ? step - 10 : step - 9
    const inverse = fround(-fround(32 + fround(tenth * offset)) / signed)
    let sumProducts = 0
    let sumSquares = 0
    for (let at = 0; at < groupLength; at++) {
      const value = values[from + at]!
      const quant = clamp(nearestInt(inverse * value))
      const weight = fround(value * value)
      sumProducts = fround(sumProducts + fround(fround(weight * value) * quant))
      sumSquares = fround(sumSquares + fround(fround(weight * quant) * quant))
    }
    const better = sumSquares > 0 && fround(sumProducts * sumProducts) > fround(best * sumSquares)
    if (step > 0 && !better) continue
    for (let at = 0; at < groupLength; at++) {
      quants[to + at] = clamp(nearestInt(inverse * values[from + at]!)) + 32
    }
    scale = sumSquares === 0 ? 0 : fround(sumProducts / sumSquares)
    best = fround(scale * sumProducts)
  }
  return scale
}

const clamp = (quant: number): number => Math.max(-32, Math.min(31, quant))
