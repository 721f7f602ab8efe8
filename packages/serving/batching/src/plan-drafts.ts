/**
 * Which sequences of a step should have draft tokens checked, and how many: as make tokens come fastest, by what calls cost
 * on this machine and how often each sequence's drafts were right. None where drafts do not pay. Pure.
 */

/** Weight of the newest observation. */
const learning = 0.2
/** Hopeful, so that it is tried: a first draft that is wrong costs a part of one step. */
const firstGuess = 0.8
/** How fast a step without a draft makes one worth another try: text changes its kind. */
const forgetting = 0.005
/** Below this gain, noise decides: not worth it. */
const minGain = 1.1
/** So much longer may a step become for those who get nothing of it. */
const maxDelay = 1.25
/** Weight of the newest observation for all sequences together. */
const sharedLearning = 0.03
/** How much of their hope those get back that begin. */
const renewal = 0.02
/** From so many times as many rows on the rise of costs says something. */
const widelyKnown = 4
/** A cost that was not seen in so many observations may have been an accident, and is no longer known. */
const freshness = 500

/**
 * How often the next draft token is right, given that the ones before it were.
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

  /** Of `proposed` tokens the first `accepted` were right; none proposed means that it was not worth it. */
  record(proposed: number, accepted: number): void {
    if (proposed === 0) {
      this.#acceptance += forgetting * (firstGuess - this.#acceptance)
      return
    }
    this.#acceptance = learned(this.#acceptance, learning, proposed, accepted)
  }
}

/**
 * Of all sequences: what a new one may expect.
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

  /** For a sequence that begins. Each makes the next a little more hopeful. */
  begin(): DraftRecord {
    const record = new DraftRecord(this.#acceptance)
    this.#acceptance += renewal * (firstGuess - this.#acceptance)
    return record
  }

  record(proposed: number, accepted: number): void {
    if (proposed > 0) this.#acceptance = learned(this.#acceptance, sharedLearning, proposed, accepted)
  }
}

/** One wrong guess ends a draft: nothing is known of those after it. */
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
 * What a call costs by the number of its rows, learnt as they are made.
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

  /** The first call of its kind may be slow for other reasons: a cost is known from the second on, and then the lesser. */
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

  /** The most rows of which the cost is known; 0 where none is. */
  get most(): number {
    return Math.max(0, ...this.#known.keys())
  }

  /** A hopeful guess beyond what is known: half as steep as up to there, flat where little is known. */
  atLeast(rows: number): number {
    const [least, most] = [Math.min(...this.#known.keys()), this.most]
    const [low, high] = [this.#known.get(least) ?? 0, this.#known.get(most) ?? 0]
    const slope = most >= widelyKnown * least ? (high - low) / (most - least) : 0
    return high + (Math.max(0, slope) / 2) * Math.max(0, rows - most)
  }

  /** Between measured numbers of rows on the line between them, below them as the least of them; undefined beyond. */
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
  /** Of the model, by the rows of a call. */
  readonly call: CallCosts
  /** Of the draft model, by the sequences of a pass that guesses one token of each; absent where guesses cost nothing. */
  readonly pass?: CallCosts
}

/** A sequence that could have a draft checked. */
export interface DraftCandidate<Id> {
  readonly id: Id
  readonly acceptance: number
  /** Longest draft that makes sense for it. */
  readonly most: number
}

export interface DraftPlan<Id> {
  /** Tokens of each draft. */
  readonly length: number
  readonly ids: readonly Id[]
}

/**
 * For a step in which `decodes` sequences get their next token, the candidates among them, and calls of at most `maxRows`
 * rows. All drafts have one length, because rows are computed in one call only where sequences have equally many; the
 * others are computed in a call of their own, and not held up for long. With an acceptance of `a`, a draft of `k` gives `a + a^2 + ... + a^k` tokens
 * more (Leviathan et al., https://arxiv.org/abs/2211.17192, eq. 1). Where the cost of a call is not known, it is tried if
 * it would pay at the least that it may cost.
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

/** What is not known is learnt by doubling: few trials, none of which holds everybody up for long. */
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

/** Of a draft of `length` tokens, those that will be right. */
export function expectedTokens(acceptance: number, length: number): number {
  if (acceptance >= 1) return length
  return (acceptance * (1 - acceptance ** length)) / (1 - acceptance)
}
