/**
 * Dynamic batching of work that is computed in a single call: embedding, reranking, classification, vision. Decides which
 * waiting items go into the next call, and whether to make it now. Pure; has neither clock nor queue.
 */

export interface BatchLimits {
  readonly maxBatchSize: number
  /** Padded tokens: the longest times the count. An item that exceeds it alone goes alone. */
  readonly maxBatchTokens: number
  /** How long the oldest item waits for others. */
  readonly timeoutMicros: number
  /** Sizes that are sent immediately; `maxBatchSize` always is one. */
  readonly preferredBatchSizes: readonly number[]
  /** Maximum share of padding in a call's tokens, from 0 to 1. */
  readonly maxPaddingShare: number
  /** An item can be skipped because of its length in at most this many calls; the next one takes it. 0 ignores lengths. */
  readonly maxPassedOver: number
}

export interface BatchCandidate {
  /** Priority level: 1 is served first. */
  readonly level: number
  readonly arrivedAt: number
  readonly tokens: number
  /** Calls that skipped it because of its length. */
  readonly passedOver: number
}

export interface BatchPlan<Candidate> {
  /** The items of the next call. */
  readonly batch: readonly Candidate[]
  /** Items that were next in order but are skipped. */
  readonly passedOver: readonly Candidate[]
  /** In milliseconds, like `arrivedAt`; the batch is sent now if this is not in the future. */
  readonly dueAt: number
}

/**
 * `waiting` must not be empty and is in queue order. Items beyond it are ignored.
 *
 * @example
 * ```ts
 * import { planBatch } from '@hadal/batching'
 *
 * const plan = planBatch(
 *   [
 *     { level: 0, arrivedAt: 0, tokens: 10, passedOver: 0 },
 *     { level: 0, arrivedAt: 1, tokens: 12, passedOver: 0 },
 *   ],
 *   { maxBatchSize: 8, maxBatchTokens: 512, timeoutMicros: 5_000, preferredBatchSizes: [], maxPaddingShare: 1, maxPassedOver: 3 },
 * )
 * plan.batch.length // → 2
 * plan.dueAt // → 5
 * ```
 */
export function planBatch<Candidate extends BatchCandidate>(
  waiting: readonly Candidate[],
  limits: BatchLimits,
): BatchPlan<Candidate> {
  const turn = firstThatFit(waiting, limits)
  const chosen = chooseByLength(waiting, turn, limits)
  const preferred = limits.preferredBatchSizes.filter((size) => size <= chosen.length)
  const isFull = chosen.length === limits.maxBatchSize
  const batch = isFull || preferred.length === 0 ? chosen : chosen.slice(0, Math.max(...preferred))
  // More than one call's worth is waiting, so a longer wait adds nothing to the next call.
  const isReady = isFull || preferred.length > 0 || turn.length < waiting.length
  const oldest = waiting.reduce((least, { arrivedAt }) => Math.min(least, arrivedAt), Infinity)
  const taken = new Set(batch)
  return {
    batch,
    passedOver: turn.filter((each) => !taken.has(each)),
    dueAt: isReady ? oldest : oldest + limits.timeoutMicros / 1000,
  }
}

/** Tokens computed for a batch, with each item padded to the longest. */
export function paddedTokens(batch: readonly Pick<BatchCandidate, 'tokens'>[]): number {
  return batch.length * batch.reduce((most, { tokens }) => Math.max(most, tokens), 0)
}

/** The selection if lengths are ignored. */
function firstThatFit<Candidate extends BatchCandidate>(
  waiting: readonly Candidate[],
  { maxBatchSize, maxBatchTokens }: BatchLimits,
): Candidate[] {
  let longest = 0
  let count = 0
  for (const { tokens } of waiting) {
    longest = Math.max(longest, tokens)
    if (count === maxBatchSize || (count > 0 && (count + 1) * longest > maxBatchTokens)) break
    count += 1
  }
  return waiting.slice(0, count)
}

/**
 * Takes the first item, then those skipped too often, then level by level the items that add the least padding. So a longer
 * queue means less padding, no item of a lower level displaces one that fits, and within a level and length the order is FIFO.
 */
function chooseByLength<Candidate extends BatchCandidate>(
  waiting: readonly Candidate[],
  turn: readonly Candidate[],
  limits: BatchLimits,
): Candidate[] {
  const { maxBatchSize, maxBatchTokens, maxPaddingShare, maxPassedOver } = limits
  if (maxPassedOver === 0) return [...turn]
  const chosen = turn.filter(({ passedOver }, at) => at === 0 || passedOver >= maxPassedOver)
  const taken = new Set(chosen)
  let longest = chosen.reduce((most, { tokens }) => Math.max(most, tokens), 0)
  let sum = chosen.reduce((total, { tokens }) => total + tokens, 0)
  const fits = (next: Candidate | undefined): next is Candidate => {
    if (next === undefined || chosen.length === maxBatchSize) return false
    const padded = (chosen.length + 1) * Math.max(longest, next.tokens)
    return padded <= maxBatchTokens && padded - sum - next.tokens <= maxPaddingShare * padded
  }
  for (const level of new Set(waiting.map((each) => each.level))) {
    const open = waiting.filter((each) => each.level === level && !taken.has(each))
    const from = longest
    // Sorting is stable. If the next item of a side does not fit, none behind it does.
    const shorter = open.filter(({ tokens }) => tokens <= from).sort((a, b) => b.tokens - a.tokens)
    const longer = open.filter(({ tokens }) => tokens > from).sort((a, b) => a.tokens - b.tokens)
    for (let [short, long] = [0, 0]; ; ) {
      const [down, up] = [shorter[short], longer[long]]
      const [downFits, upFits] = [fits(down), fits(up)]
      if (!downFits && !upFits) break
      const goesUp = upFits && (!downFits || (up!.tokens - longest) * chosen.length < longest - down!.tokens)
      const next = goesUp ? up! : down!
      if (goesUp) long += 1
      else short += 1
      chosen.push(next)
      longest = Math.max(longest, next.tokens)
      sum += next.tokens
    }
  }
  return chosen
}
