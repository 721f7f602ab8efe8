/** Random numbers of one's own among ranks that otherwise draw the same. Knows nothing about what they are for. */

import { getRngState, manualSeed, scope, setRngState, torch } from '@hadal/tensor'

/**
 * Runs `body` with random numbers that no other rank has, a function of what all drew before. All ranks call it, and go on with the
 * same numbers after it.
 */
export function withOwnRandom<T>(rank: number, body: () => T): T {
  const seed = scope(() => Number(torch.randint(2 ** 31, [1], { dtype: 'int64' }).item()))
  const common = getRngState()
  manualSeed(seed + rank)
  try {
    return body()
  } finally {
    setRngState(common)
  }
}
