/**
 * Takes the first `dimensions` numbers. `norm`: -1 leaves them, 0 scales the largest to 32760, p scales to unit length in the p-norm. Same
 * as llama.cpp's `common_embd_normalize`.
 */
export function normalized(
  vector: Float32Array,
  norm: number,
  dimensions: number = vector.length,
): Float32Array {
  const kept = vector.subarray(0, dimensions)
  const length = lengthOf(kept, norm)
  return kept.map((value) => (length > 0 ? value / length : 0))
}

/** Computed in double precision. */
function lengthOf(vector: Float32Array, norm: number): number {
  if (norm === -1) return 1
  if (norm === 0) return vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 32_760
  const sum = (power: (value: number) => number): number =>
    vector.reduce((total, value) => total + power(value), 0)
  if (norm === 2) return Math.sqrt(sum((value) => value * value))
  return sum((value) => Math.abs(value) ** norm) ** (1 / norm)
}
