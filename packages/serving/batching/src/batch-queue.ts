/**
 * The line of a dynamic batcher: levels of priority, each first in, first out, with its own bound and time limit. Holds what
 * `planBatch` decides from. Time is an argument; the same calls give the same batches. Knows nothing of what waits in it.
 */

import { type BatchCandidate, paddedTokens, planBatch } from './plan-batch.ts'
import {
  type BatchQueueOptions,
  levelOf,
  patienceMillis,
  type QueuePolicy,
  type ResolvedQueue,
  resolveQueue,
} from './queue-options.ts'

export interface ItemOptions {
  /** A level; 1 goes first. */
  readonly priority?: number | undefined
  /** How long it may wait in the queue, where that is less than what its level allows; 0 says nothing. */
  readonly timeoutMicros?: number | undefined
}

export interface TakenBatch<Item> {
  readonly items: readonly Item[]
  readonly tokens: number
  /** Each as long as the longest. */
  readonly paddedTokens: number
  /** Milliseconds that the items waited, all together. */
  readonly waitedMillis: number
}

export interface BatchDecision<Item> {
  /** Waited for longer than they may: they are out. */
  readonly expired: readonly Item[]
  /** Goes now: it is out, too. */
  readonly batch: TakenBatch<Item> | undefined
  /** When to ask again unless something changes; after a batch at once, `Infinity`: never. */
  readonly wakeAt: number
}

interface Entry<Item> extends BatchCandidate {
  readonly item: Item
  readonly expiresAt: number
  passedOver: number
}

interface Level<Item> {
  readonly policy: QueuePolicy
  /** Both in the order of their turns. */
  readonly inTime: Map<Item, Entry<Item>>
  /** Waited for longer than they may. */
  readonly late: Map<Item, Entry<Item>>
}

/** Batches' worth of items among which lengths are compared: what a plan costs does not grow with the line. */
const batchesCompared = 8

/**
 * The items that wait for a function of lists, by priority level: what `batch` asks, without promises or timers. Times are in milliseconds.
 *
 * @example
 * ```ts
 * import { BatchQueue } from '@hadal/batching'
 *
 * const queue = new BatchQueue<string>({ maxBatchSize: 2, timeoutMicros: 5_000 })
 * queue.enter('a', 1, 0) // the item, its tokens, the time in milliseconds
 * queue.enter('b', 1, 2)
 * const { batch } = queue.decide(2, { mayTake: true }) // two are as many as go together
 * batch?.items // → [ 'a', 'b' ]
 * ```
 */
export class BatchQueue<Item> {
  readonly #options: ResolvedQueue
  readonly #levels: readonly Level<Item>[]
  /** Nobody's time ends before. */
  #nextExpiry = Number.POSITIVE_INFINITY
  /** All that wait fit into one batch, which goes then: known without planning again, however many come one by one. */
  #dueAt: number | undefined
  /** Of those in line, at most. */
  #longest = 0

  /** Throws `batch_option_invalid`. */
  constructor(options: BatchQueueOptions = {}) {
    this.#options = resolveQueue(options)
    this.#levels = this.#options.policies.map((policy) => ({ policy, inTime: new Map(), late: new Map() }))
  }

  get maxBatchSize(): number {
    return this.#options.limits.maxBatchSize
  }

  get size(): number {
    return this.#levels.reduce((sum, { inTime, late }) => sum + inTime.size + late.size, 0)
  }

  /** The level of an item that says this, and how many may wait there; 0: any number. Throws `batch_option_invalid`. */
  levelOf(priority: number | undefined): { readonly level: number; readonly maxQueueSize: number } {
    const level = levelOf(this.#options, priority)
    return { level, maxQueueSize: this.#levels[level - 1]!.policy.maxQueueSize }
  }

  /** False when as many of its level wait as may: it did not enter. An item is in it once. Throws `batch_option_invalid`. */
  enter(item: Item, tokens: number, now: number, { priority, timeoutMicros }: ItemOptions = {}): boolean {
    const { level, maxQueueSize } = this.levelOf(priority)
    const { policy, inTime, late } = this.#levels[level - 1]!
    const expiresAt = now + patienceMillis(policy, timeoutMicros)
    if (maxQueueSize > 0 && inTime.size + late.size >= maxQueueSize) return false
    if (this.size === 0) this.#longest = 0
    inTime.set(item, { item, level, tokens, arrivedAt: now, expiresAt, passedOver: 0 })
    this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt)
    this.#longest = Math.max(this.#longest, tokens)
    if (!this.#mayFitMore()) this.#dueAt = undefined
    return true
  }

  /** It is not wanted any more; false when not in it. */
  remove(item: Item): boolean {
    this.#dueAt = undefined
    return this.#levels.some(({ inTime, late }) => inTime.delete(item) || late.delete(item))
  }

  /** What to do now. `mayTake`: somebody could compute a batch. `moreMayCome`: it is worth waiting for them. */
  decide(
    now: number,
    { mayTake, moreMayCome = true }: { readonly mayTake: boolean; readonly moreMayCome?: boolean },
  ): BatchDecision<Item> {
    const expired = this.#expire(now)
    if (mayTake && moreMayCome && this.#dueAt !== undefined && this.#dueAt > now)
      return { expired, batch: undefined, wakeAt: Math.min(this.#dueAt, this.#nextExpiry) }
    const waiting = mayTake ? this.#first() : []
    if (waiting.length === 0) return { expired, batch: undefined, wakeAt: this.#nextExpiry }
    const { batch, passedOver, dueAt } = planBatch(waiting, this.#options.limits)
    this.#dueAt = this.#mayFitMore() ? dueAt : undefined
    if (moreMayCome && dueAt > now)
      return { expired, batch: undefined, wakeAt: Math.min(dueAt, this.#nextExpiry) }
    for (const { item } of batch) this.remove(item)
    for (const entry of passedOver) entry.passedOver += 1
    return { expired, batch: summarize(batch, now), wakeAt: now }
  }

  /** Whether a batch of all that wait is neither full nor of a preferred size. */
  #mayFitMore(): boolean {
    const { maxBatchSize, maxBatchTokens, preferredBatchSizes } = this.#options.limits
    const { size } = this
    return size < Math.min(maxBatchSize, ...preferredBatchSizes) && size * this.#longest <= maxBatchTokens
  }

  /** Those whose time is over leave, where their level rejects such; elsewhere they go behind the others of it. */
  #expire(now: number): Item[] {
    const rejected: Item[] = []
    if (this.#nextExpiry > now) return rejected
    this.#nextExpiry = Number.POSITIVE_INFINITY
    this.#dueAt = undefined
    for (const { policy, inTime, late } of this.#levels) {
      const over: Entry<Item>[] = []
      for (const entry of inTime.values()) {
        if (entry.expiresAt <= now) over.push(entry)
        else this.#nextExpiry = Math.min(this.#nextExpiry, entry.expiresAt)
      }
      for (const entry of over.sort((a, b) => a.expiresAt - b.expiresAt)) {
        inTime.delete(entry.item)
        if (policy.timeoutAction === 'delay') late.set(entry.item, entry)
        else rejected.push(entry.item)
      }
    }
    return rejected
  }

  /** As many as a plan looks at, in the order of their turns. */
  #first(): Entry<Item>[] {
    const first: Entry<Item>[] = []
    const most = this.#options.limits.maxBatchSize * batchesCompared
    for (const { inTime, late } of this.#levels)
      for (const entries of [inTime, late])
        for (const entry of entries.values()) {
          if (first.length === most) return first
          first.push(entry)
        }
    return first
  }
}

function summarize<Item>(batch: readonly Entry<Item>[], now: number): TakenBatch<Item> {
  return {
    items: batch.map(({ item }) => item),
    tokens: batch.reduce((sum, { tokens }) => sum + tokens, 0),
    paddedTokens: paddedTokens(batch),
    waitedMillis: batch.reduce((sum, { arrivedAt }) => sum + now - arrivedAt, 0),
  }
}
