/** Orders that are pure functions of a few numbers. Knows nothing about what is put in order. */

/**
 * Fisher-Yates over 0 to count - 1.
 *
 * @internal
 */
export function shuffledIndices(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const swap = order[i]!
    order[i] = order[j]!
    order[j] = swap
  }
  return order
}

/** One generator for each epoch of each seed. */
export const epochRandom = (seed: number, epoch: number): (() => number) =>
  mulberry32(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b))

/**
 * One for each block of each epoch.
 *
 * @internal
 */
export const blockRandom = (seed: number, epoch: number, block: number): (() => number) =>
  mulberry32(
    Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b) ^ Math.imul(block + 1, 0xc2b2ae35),
  )

/** A small deterministic generator of numbers in [0, 1) (Tommy Ettinger's mulberry32). */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
