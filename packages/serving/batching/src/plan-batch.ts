/**
 * Dynamic batching of work that one call does at once: embedding, ranking, classification, vision. Decides who of those
 * that wait goes into the next call, and whether it goes now. Pure; knows neither clock nor queue.
 */

export interface BatchLimits {
  readonly maxBatchSize: number
  /** Padded: the longest, times how many there are. What alone has more goes alone. */
  readonly maxBatchTokens: number
  /** How long the oldest waits for company. */
  readonly timeoutMicros: number
  /** Sizes worth sending at once; `maxBatchSize` always is. */
  readonly preferredBatchSizes: readonly number[]
  /** Share of a call's tokens that may be padding, from 0 to 1. */
  readonly maxPaddingShare: number
  /** So many calls may leave someone behind because of its length, though it was its turn; the next one takes it. 0: lengths do not matter. */
  readonly maxPassedOver: number
}

export interface BatchCandidate {
  /** Its priority: 1 goes first. */
  readonly level: number
  readonly arrivedAt: number
  readonly tokens: number
  /** Calls that left it behind because of its length. */
  readonly passedOver: number
}

export interface BatchPlan<Candidate> {
  /** Who would go. */
  readonly batch: readonly Candidate[]
  /** Whose turn it was, and who would be left behind. */
  readonly passedOver: readonly Candidate[]
  /** Milliseconds, as `arrivedAt`; at or before now: it goes. */
  readonly dueAt: number
}

/**
 * `waiting` in the order of their turns; not empty. Those beyond it are not looked at.
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
  // More than one call can take are here: waiting brings no company to who is next.
  const isReady = isFull || preferred.length > 0 || turn.length < waiting.length
  const oldest = waiting.reduce((least, { arrivedAt }) => Math.min(least, arrivedAt), Infinity)
  const taken = new Set(batch)
  return {
    batch,
    passedOver: turn.filter((each) => !taken.has(each)),
    dueAt: isReady ? oldest : oldest + limits.timeoutMicros / 1000,
  }
}

/** Tokens that are computed for a batch: each as long as the longest. */
export function paddedTokens(batch: readonly Pick<BatchCandidate, 'tokens'>[]): number {
  return batch.length * batch.reduce((most, { tokens }) => Math.max(most, tokens), 0)
}

/** Whose turn it is when lengths do not matter. */
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
 * The first of all, then who was passed over often enough, then level by level whoever adds least padding. So a longer
 * line makes for less padding, nobody of a lower level takes the place of one that fits, and among those of one level and
 * length the first comes first.
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
    // Sorting keeps the order of turns among equals. Where the next of a side does not fit, none behind it does.
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
