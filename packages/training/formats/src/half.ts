/**
 * float32 <-> IEEE half (F16) and bfloat16 (BF16), exact, rounding to nearest with ties to even. Arrays are converted bit
 * by bit, so NaN payloads survive as far as they fit. Assumes a little-endian machine, as all of this package does.
 */

/**
 * Rounds each value to half precision; beyond 65504 becomes infinity.
 *
 * @example
 * ```ts
 * import { toFloat16 } from '@hadal/formats'
 *
 * toFloat16(new Float32Array([1]))[0]!.toString(16) // → '3c00'
 * ```
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const from = bitsOf(values)
  const to = new Uint16Array(from.length)
  for (let at = 0; at < from.length; at++) to[at] = halfBits(from[at]!)
  return to
}

/**
 * float16, as its bits, to float32.
 *
 * @example
 * ```ts
 * import { fromFloat16 } from '@hadal/formats'
 *
 * fromFloat16(new Uint16Array([0x3c00])) // → Float32Array(1) [ 1 ]
 * ```
 */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const to = new Uint32Array(halves.length)
  for (let at = 0; at < halves.length; at++) to[at] = floatBitsOfHalf[halves[at]!]!
  return new Float32Array(to.buffer)
}

/**
 * Rounds each value to bfloat16.
 *
 * @example
 * ```ts
 * import { toBfloat16 } from '@hadal/formats'
 *
 * toBfloat16(new Float32Array([1]))[0]!.toString(16) // → '3f80'
 * ```
 */
export function toBfloat16(values: Float32Array): Uint16Array {
  const from = bitsOf(values)
  const to = new Uint16Array(from.length)
  for (let at = 0; at < from.length; at++) {
    const bits = from[at]!
    const notANumber = (bits & 0x7fffffff) > 0x7f800000
    // Adding half a unit, less one when already even, carries exactly when rounding goes up. NaN must not carry to zero.
    to[at] = notANumber ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
  }
  return to
}

/**
 * bfloat16, as its bits, to float32.
 *
 * @example
 * ```ts
 * import { fromBfloat16 } from '@hadal/formats'
 *
 * fromBfloat16(new Uint16Array([0x3f80])) // → Float32Array(1) [ 1 ]
 * ```
 */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  const to = new Uint32Array(halves.length)
  for (let at = 0; at < halves.length; at++) to[at] = halves[at]! << 16
  return new Float32Array(to.buffer)
}

/** The half-precision bits nearest to a float32 given by its bits. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff)
  if (magnitude >= 0x47800000) return sign | 0x7c00
  const exponent = (magnitude >>> 23) - 112
  if (exponent > 0) {
    // Normal: drop 13 bits; a execute of the mantissa runs into the exponent, and past the largest into infinity.
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
    return sign | ((rounded - 0x38000000) >>> 13)
  }
  if (exponent < -10) return sign
  // Subnormal: shift the mantissa, its leading one made explicit, down to units of 2^-24.
  const mantissa = (magnitude & 0x7fffff) | 0x800000
  const shift = 14 - exponent
  const half = 1 << (shift - 1)
  return sign | ((mantissa + half - 1 + ((mantissa >>> shift) & 1)) >>> shift)
}

/** The float32 bits of every half. */
const floatBitsOfHalf: Uint32Array = Uint32Array.from({ length: 65536 }, (_, half) => {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 31) return sign | 0x7f800000 | (mantissa << 13)
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13)
  return sign | bitsOf(Float32Array.of(mantissa * 2 ** -24))[0]!
})

const floats = new Float32Array(floatBitsOfHalf.buffer)
const one = new Float32Array(1)
const oneBits = bitsOf(one)

/** The half-precision bits nearest to a number, which is rounded to float32 first. */
export function halfOf(value: number): number {
  one[0] = value
  return halfBits(oneBits[0]!)
}

export const valueOfHalf = (half: number): number => floats[half]!

/** Whether half-precision bits are infinite or NaN. */
export const overflows = (half: number): boolean => (half & 0x7c00) === 0x7c00

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
}
