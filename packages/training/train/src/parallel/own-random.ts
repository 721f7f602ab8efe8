/** Per-rank random numbers among ranks that otherwise draw the same. */

import { getRngState, manualSeed, scope, setRngState, torch } from '@hadal/tensor'

/**
 * Runs `body` with random numbers unique to this rank, derived from the shared state. All ranks call it, and share the same state
 * again afterwards.
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
