/** ggml's `nearest_int`, which its K formats round with: to nearest, ties to even, read out of the bits of a float. */

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/** Exact up to 4194303 in magnitude. Beyond, and for infinities and NaN, it matches ggml: degenerate blocks must give the same bytes. */
export function nearestInt(value: number): number {
  float[0] = Math.fround(value) + 12582912
  return (bits[0]! & 0x7fffff) - 0x400000
}
