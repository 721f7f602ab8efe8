/** Permutations that are pure functions of a few numbers. */

import { seededRandom } from '@hadal/base'

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
  seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b))

/**
 * One for each block of each epoch.
 *
 * @internal
 */
export const blockRandom = (seed: number, epoch: number, block: number): (() => number) =>
  seededRandom(
    Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b) ^ Math.imul(block + 1, 0xc2b2ae35),
  )
