/** Float element types, and conversion between floats and their bytes. */

import { type ElementType, valuesPerBlock } from './element-types.ts'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts'
import { dequantizeQ4_0, quantizeQ4_0 } from './q4-0.ts'
import { dequantizeQ4_K, quantizeQ4_K } from './q4-k.ts'
import { dequantizeQ6_K, quantizeQ6_K } from './q6-k.ts'
import { dequantizeQ8_0, quantizeQ8_0 } from './q8-0.ts'

export type FloatType = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q6_K' | 'Q4_K' | 'Q4_0'

interface FloatCodec {
  /** Undefined when a block holds what the type cannot: infinities, NaN, values beyond its scale. Needs whole blocks. */
  encode(values: Float32Array): Uint8Array | undefined
  /** Needs whole blocks. */
  decode(bytes: Uint8Array): Float32Array
}

const codecs: Readonly<Record<FloatType, FloatCodec>> = {
  F32: { encode: bytesOf, decode: (bytes) => new Float32Array(alone(bytes)) },
  F16: {
    encode: (values) => bytesOf(toFloat16(values)),
    decode: (bytes) => fromFloat16(new Uint16Array(alone(bytes))),
  },
  BF16: {
    encode: (values) => bytesOf(toBfloat16(values)),
    decode: (bytes) => fromBfloat16(new Uint16Array(alone(bytes))),
  },
  Q8_0: { encode: quantizeQ8_0, decode: dequantizeQ8_0 },
  Q6_K: { encode: quantizeQ6_K, decode: dequantizeQ6_K },
  Q4_K: { encode: quantizeQ4_K, decode: dequantizeQ4_K },
  Q4_0: { encode: quantizeQ4_0, decode: dequantizeQ4_0 },
}

/**
 * All types that floats can be written as and read from.
 *
 * @example
 * ```ts
 * import { floatTypes } from '@hadal/formats'
 *
 * floatTypes // → [ 'F32', 'F16', 'BF16', 'Q8_0', 'Q6_K', 'Q4_K', 'Q4_0' ]
 * ```
 */
export const floatTypes: readonly FloatType[] = Object.keys(codecs) as FloatType[]

export function floatCodec(type: ElementType): FloatCodec | undefined {
  return Object.hasOwn(codecs, type) ? codecs[type as FloatType] : undefined
}

/**
 * The type for a matrix requested in `type`, by row length. Rows that do not fill a type's blocks use Q8_0 (blocks of 32), and F16
 * if those are not filled either. llama.cpp does the same, except that it has Q5_0 between Q4_K and Q8_0.
 *
 * @internal
 */
export function fallbackType(type: FloatType, rowLength: number): FloatType {
  const fitting = ([type, 'Q8_0'] as const).find((candidate) => rowLength % valuesPerBlock(candidate) === 0)
  return fitting ?? 'F16'
}

/** The bytes' own buffer, of them alone: typed arrays of wider elements need that. */
function alone(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : bytes.slice().buffer
}

function bytesOf(data: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
