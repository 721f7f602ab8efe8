/** OpenAPI's number formats as bounds. */

import { type NumberBounds, unbounded } from './number-bounds.ts'

const whole = (min: number, max: number): NumberBounds => ({ ...unbounded, integer: true, min, max })
/** Integers that doubles represent exactly; the limits of 64-bit integers are not among them. */
const safe = Number.MAX_SAFE_INTEGER

export const numberFormats: Readonly<Record<string, NumberBounds>> = {
  int8: whole(-128, 127),
  uint8: whole(0, 255),
  int16: whole(-32_768, 32_767),
  uint16: whole(0, 65_535),
  int32: whole(-(2 ** 31), 2 ** 31 - 1),
  uint32: whole(0, 2 ** 32 - 1),
  int64: whole(-safe, safe),
  uint64: whole(0, safe),
  float: { ...unbounded, min: -3.4028234663852886e38, max: 3.4028234663852886e38 },
  double: unbounded,
  // pydantic's
  'time-delta': unbounded,
  'unix-time': unbounded,
}
