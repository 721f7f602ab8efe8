/** Encoding of GGUF's fixed-size values, little-endian, and their valid ranges. */

import type { GgufValueType } from './value.ts'

export type ScalarType = Exclude<GgufValueType, 'string' | 'array'>
export type Scalar = number | bigint | boolean

interface ScalarCodec {
  readonly bytes: number
  get(view: DataView, at: number): Scalar
  set(view: DataView, at: number, value: Scalar): void
  fits(value: unknown): boolean
}

const integer = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most

const bigInteger = (least: bigint, most: bigint) => (value: unknown) =>
  typeof value === 'bigint' && value >= least && value <= most

const isNumber = (value: unknown) => typeof value === 'number'

export const scalarCodecs: Readonly<Record<ScalarType, ScalarCodec>> = {
  uint8: {
    bytes: 1,
    get: (view, at) => view.getUint8(at),
    set: (view, at, value) => view.setUint8(at, value as number),
    fits: integer(0, 0xff),
  },
  int8: {
    bytes: 1,
    get: (view, at) => view.getInt8(at),
    set: (view, at, value) => view.setInt8(at, value as number),
    fits: integer(-0x80, 0x7f),
  },
  uint16: {
    bytes: 2,
    get: (view, at) => view.getUint16(at, true),
    set: (view, at, value) => view.setUint16(at, value as number, true),
    fits: integer(0, 0xffff),
  },
  int16: {
    bytes: 2,
    get: (view, at) => view.getInt16(at, true),
    set: (view, at, value) => view.setInt16(at, value as number, true),
    fits: integer(-0x8000, 0x7fff),
  },
  uint32: {
    bytes: 4,
    get: (view, at) => view.getUint32(at, true),
    set: (view, at, value) => view.setUint32(at, value as number, true),
    fits: integer(0, 0xffffffff),
  },
  int32: {
    bytes: 4,
    get: (view, at) => view.getInt32(at, true),
    set: (view, at, value) => view.setInt32(at, value as number, true),
    fits: integer(-0x80000000, 0x7fffffff),
  },
  uint64: {
    bytes: 8,
    get: (view, at) => view.getBigUint64(at, true),
    set: (view, at, value) => view.setBigUint64(at, value as bigint, true),
    fits: bigInteger(0n, 2n ** 64n - 1n),
  },
  int64: {
    bytes: 8,
    get: (view, at) => view.getBigInt64(at, true),
    set: (view, at, value) => view.setBigInt64(at, value as bigint, true),
    fits: bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  },
  float32: {
    bytes: 4,
    get: (view, at) => view.getFloat32(at, true),
    set: (view, at, value) => view.setFloat32(at, value as number, true),
    fits: isNumber,
  },
  float64: {
    bytes: 8,
    get: (view, at) => view.getFloat64(at, true),
    set: (view, at, value) => view.setFloat64(at, value as number, true),
    fits: isNumber,
  },
  bool: {
    bytes: 1,
    get: (view, at) => view.getUint8(at) !== 0,
    set: (view, at, value) => view.setUint8(at, value ? 1 : 0),
    fits: (value) => typeof value === 'boolean',
  },
}

/** The least an item can take: strings and arrays begin with their length. */
export function minBytes(type: GgufValueType): number {
  return type === 'string' ? 8 : type === 'array' ? 12 : scalarCodecs[type].bytes
}
