/**
 * Decides which sequences of a step verify draft tokens, and how many, to maximise tokens per second from measured call costs
 * and each sequence's acceptance rate. Plans none where drafts do not pay. Pure.
 */

/** Weight of the newest observation. */
const learning = 0.2
/** Optimistic, so that drafts are tried: a first wrong draft costs a fraction of one step. */
const firstGuess = 0.8
/** Per step without a draft, how fast the estimate returns towards the initial one: text changes its character. */
const forgetting = 0.005
/** Smaller gains are within the noise. */
const minGain = 1.1
/** Maximum slowdown of a step for sequences that do not benefit. */
const maxDelay = 1.25
/** Weight of the newest observation in the estimate shared by all sequences. */
const sharedLearning = 0.03
/** How far each new sequence moves the shared estimate back towards optimism. */
const renewal = 0.02
/** From this ratio of row counts on, the slope of the costs is meaningful. */
const widelyKnown = 4
/** A cost not seen for this many observations may have been an outlier and is forgotten. */
const freshness = 500

/**
 * The rate at which the next draft token is right, given that those before it were.
 *
 * @example
 * ```ts
 * import { DraftRecord } from '@hadal/batching'
 *
 * const record = new DraftRecord(0.5) // how often a guess is thought to be right
 * record.record(4, 4) // four guesses were made, four were right
 * record.acceptance > 0.5 // → true
 * ```
 */
export class DraftRecord {
  #acceptance: number

  constructor(acceptance: number = firstGuess) {
    this.#acceptance = acceptance
  }

  get acceptance(): number {
    return this.#acceptance
  }

  /** The first `accepted` of `proposed` tokens were right; none proposed means that a draft did not pay. */
  record(proposed: number, accepted: number): void {
    if (proposed === 0) {
      this.#acceptance += forgetting * (firstGuess - this.#acceptance)
      return
    }
    this.#acceptance = learned(this.#acceptance, learning, proposed, accepted)
  }
}

/**
 * Over all sequences: the prior for a new one.
 *
 * @example
 * ```ts
 * import { SharedDraftRecord } from '@hadal/batching'
 *
 * const all = new SharedDraftRecord()
 * const sequence = all.begin() // as hopeful as the sequences before it were right
 * sequence.record(4, 1)
 * all.record(4, 1)
 * all.begin().acceptance > sequence.acceptance // → true
 * ```
 */
export class SharedDraftRecord {
  #acceptance = firstGuess

  /** For a new sequence. Each call makes the next one slightly more optimistic. */
  begin(): DraftRecord {
    const record = new DraftRecord(this.#acceptance)
    this.#acceptance += renewal * (firstGuess - this.#acceptance)
    return record
  }

  record(proposed: number, accepted: number): void {
    if (proposed > 0) this.#acceptance = learned(this.#acceptance, sharedLearning, proposed, accepted)
  }
}

/** A draft ends at the first wrong token: those after it were not tested. */
function learned(acceptance: number, newest: number, proposed: number, accepted: number): number {
  const tried = Math.min(proposed, accepted + 1)
  const weight = 1 - (1 - newest) ** tried
  return acceptance + weight * (accepted / tried - acceptance)
}

interface Observed {
  readonly millis: number
  readonly times: number
  readonly at: number
}

/**
 * The cost of a call by its number of rows, learned from the calls made.
 *
 * @example
 * ```ts
 * import { CallCosts } from '@hadal/batching'
 *
 * const costs = new CallCosts()
 * for (const millis of [10, 10]) costs.record(1, millis) // rows of a call, and what it took
 * for (const millis of [12, 12]) costs.record(5, millis)
 * costs.of(3) // → 11
 * ```
 */
export class CallCosts {
  readonly #observed = new Map<number, Observed>()
  readonly #known = new Map<number, number>()
  #observations = 0

  /**
   * The first call of a kind may be slow for other reasons: a cost is known from the second call on, and is then the lower one.
   */
  record(rows: number, millis: number): void {
    this.#observations += 1
    const before = this.#observed.get(rows)
    const times = (before?.times ?? 0) + 1
    const settled = settle(before, millis)
    this.#observed.set(rows, { millis: settled, times, at: this.#observations })
    if (times > 1) this.#known.set(rows, settled)
    for (const [rows, { at }] of this.#observed) {
      if (this.#observations - at < freshness) continue
      this.#observed.delete(rows)
      this.#known.delete(rows)
    }
  }

  /** The largest row count with a known cost; 0 if none. */
  get most(): number {
    return Math.max(0, ...this.#known.keys())
  }

  /** An optimistic extrapolation beyond the known costs: half the slope so far, or flat where little is known. */
  atLeast(rows: number): number {
    const [least, most] = [Math.min(...this.#known.keys()), this.most]
    const [low, high] = [this.#known.get(least) ?? 0, this.#known.get(most) ?? 0]
    const slope = most >= widelyKnown * least ? (high - low) / (most - least) : 0
    return high + (Math.max(0, slope) / 2) * Math.max(0, rows - most)
  }

  /** Interpolates linearly between measured row counts; below the smallest, returns its cost; undefined beyond the largest. */
  of(rows: number): number | undefined {
    let [below, above] = [0, Number.POSITIVE_INFINITY]
    for (const known of this.#known.keys()) {
      if (known <= rows) below = Math.max(below, known)
      if (known >= rows) above = Math.min(above, known)
    }
    if (above === Number.POSITIVE_INFINITY) return undefined
    const high = this.#known.get(above)!
    if (below === 0 || below === above) return high
    const low = this.#known.get(below)!
    return low + ((high - low) * (rows - below)) / (above - below)
  }
}

function settle(before: Observed | undefined, millis: number): number {
  if (before === undefined) return millis
  return before.times === 1
    ? Math.min(before.millis, millis)
    : before.millis + learning * (millis - before.millis)
}

export interface DraftCosts {
  /** Calls of the model, by rows. */
  readonly call: CallCosts
  /** Passes of the draft model that propose one token per sequence, by sequences; absent if proposals are free. */
  readonly pass?: CallCosts
}

/** A sequence for which a draft could be verified. */
export interface DraftCandidate<Id> {
  readonly id: Id
  readonly acceptance: number
  /** Maximum useful draft length. */
  readonly most: number
}

export interface DraftPlan<Id> {
  /** Draft tokens per sequence. */
  readonly length: number
  readonly ids: readonly Id[]
}

/**
 * Plans a step in which `decodes` sequences get their next token and calls have at most `maxRows` rows. All drafts have one
 * length because rows share a call only if sequences have equally many; the other sequences run in a separate call and are
 * delayed only slightly. With acceptance `a`, a draft of `k` tokens yields `a + a^2 + ... + a^k` extra tokens (Leviathan et
 * al., https://arxiv.org/abs/2211.17192, eq. 1). A call of unknown cost is tried if it would pay at its minimum possible cost.
 *
 * @example
 * ```ts
 * import { CallCosts, planDrafts } from '@hadal/batching'
 *
 * const call = new CallCosts()
 * for (const rows of [1, 1, 2, 2, 4, 4, 8, 8]) call.record(rows, 20) // more rows cost nothing here
 * planDrafts([{ id: 'code', acceptance: 0.9, most: 7 }], 1, 8, { call }) // → { length: 7, ids: [ 'code' ], gain: 5.6953279 }
 * ```
 */
export function planDrafts<Id>(
  candidates: readonly DraftCandidate<Id>[],
  decodes: number,
  maxRows: number,
  costs: DraftCosts,
): DraftPlan<Id> {
  const alone = costs.call.of(decodes)
  let best: DraftPlan<Id> & { readonly gain: number } = { length: 0, ids: [], gain: minGain }
  if (alone === undefined) return best
  const hopeful = [...candidates].sort((a, b) => b.acceptance - a.acceptance)
  const longest = Math.max(0, ...candidates.map(({ most }) => most))
  for (let length = 1; length <= longest; length += 1) {
    const able = hopeful.filter(({ most }) => most >= length)
    let tokens = decodes
    for (let count = 1; count <= able.length && count * (1 + length) <= maxRows; count += 1) {
      tokens += expectedTokens(able[count - 1]!.acceptance, length)
      const growth = tokens / decodes
      const cost = costOfStep(count, length, decodes, costs)
      const gain = (growth * alone) / (cost ?? Math.max(alone, costs.call.atLeast(count * (1 + length))))
      if (gain <= best.gain) continue
      if (count < decodes && cost !== undefined && cost > alone * maxDelay) continue
      if (cost === undefined) return trial(able, count, length, Math.min(maxRows, 2 * costs.call.most))
      best = { length, ids: idsOf(able, count), gain }
    }
  }
  return best
}

/** Explores unknown costs by doubling: few trials, none of which delays the batch for long. */
function trial<Id>(
  able: readonly DraftCandidate<Id>[],
  count: number,
  length: number,
  rows: number,
): DraftPlan<Id> {
  const fits = (count: number, length: number): boolean =>
    count * (1 + length) <= rows && count <= able.length && able[count - 1]!.most >= length
  let [widest, longest] = [count, length]
  while (fits(widest + 1, longest)) widest += 1
  while (able.slice(0, widest).every(({ most }) => most > longest) && fits(widest, longest + 1)) longest += 1
  return { length: longest, ids: idsOf(able, widest) }
}

const idsOf = <Id>(candidates: readonly DraftCandidate<Id>[], count: number): Id[] =>
  candidates.slice(0, count).map(({ id }) => id)

function costOfStep(
  count: number,
  length: number,
  decodes: number,
  { call, pass }: DraftCosts,
): number | undefined {
  const checking = call.of(count * (1 + length))
  const drafting = pass === undefined ? 0 : pass.of(count)
  const others = count === decodes ? 0 : call.of(decodes - count)
  if (checking === undefined || drafting === undefined || others === undefined) return undefined
  return checking + drafting * length + others
}

/** The expected number of accepted tokens in a draft of `length`. */
export function expectedTokens(acceptance: number, length: number): number {
  if (acceptance >= 1) return length
  return (acceptance * (1 - acceptance ** length)) / (1 - acceptance)
}
