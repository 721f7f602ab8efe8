/**
 * Reproducible numbers in [0, 1) from a seed: mulberry32, by Tommy Ettinger, in the public domain.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@hadal/base'
 *
 * const random = seededRandom(42)
 * const again = seededRandom(42)
 * random() === again() // → true
 * ```
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
