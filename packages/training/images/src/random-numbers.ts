/** Random numbers in [0, 1) determined by a seed and a key, independent of the order of draws. */

/** @returns a separate generator for these keys: sfc32, seeded by hashing them */
export function randomNumbers(...keys: readonly number[]): () => number {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  let count = 1
  const next = (): number => {
    const sum = (a + b + count++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  for (const key of keys) {
    // Both halves count: seeds may be larger than 32 bits.
    a ^= key | 0
    b ^= Math.floor(key / 2 ** 32) | 0
    for (let round = 0; round < 12; round++) next()
  }
  return next
}
