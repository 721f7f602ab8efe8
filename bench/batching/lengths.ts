/**
 * What grouping by length buys where a function pads: the same queue, and a call that costs a fixed amount and the padded
 * tokens. Always busy; counted in tokens, so the same on every machine.
 */

import { quantileOfSorted } from '@hadal/base'
import { BatchQueue, type BatchQueueOptions, drawLength, seededRandom } from '@hadal/batching'

export interface LengthCase {
  readonly callers: number
  /** What a call costs beside its tokens, in tokens. */
  readonly callCost: number
}

export interface LengthOutcome {
  /** Per thousand tokens computed. */
  readonly texts: number
  /** Thousands of tokens that are computed from coming to having the result. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

const lengths = { kind: 'lognormal', median: 16, sigma: 0.8, most: 512 } as const
const counted = 20_000

export function simulateLengths(
  options: BatchQueueOptions,
  { callers, callCost }: LengthCase,
): LengthOutcome {
  const random = seededRandom(5)
  const queue = new BatchQueue<{ readonly cameAt: number }>({ maxBatchSize: 32, ...options })
  let now = 0
  const come = (): boolean => queue.enter({ cameAt: now }, Math.max(2, drawLength(lengths, random)), now)
  for (let caller = 0; caller < callers; caller += 1) come()
  const waits: number[] = []
  while (waits.length < counted) {
    const { items, paddedTokens } = queue.decide(now, { mayTake: true }).batch!
    now += callCost + paddedTokens
    for (const { cameAt } of items) waits.push((now - cameAt) / 1000)
    for (const _ of items) come()
  }
  waits.sort((a, b) => a - b)
  const at = (share: number): number => quantileOfSorted(waits, share)
  return { texts: (waits.length / now) * 1000, p50: at(0.5), p99: at(0.99), longest: at(1) }
}
