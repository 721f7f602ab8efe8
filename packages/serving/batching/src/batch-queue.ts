/**
 * The queue of a dynamic batcher: priority levels, each FIFO with its own size limit and timeout. Holds the state that
 * `planBatch` decides from. Time is an argument; the same calls give the same batches.
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
  /** Priority level; 1 is served first. */
  readonly priority?: number | undefined
  /** Maximum time in the queue, if shorter than the timeout of its level; 0 is ignored. */
  readonly timeoutMicros?: number | undefined
}

export interface TakenBatch<Item> {
  readonly items: readonly Item[]
  readonly tokens: number
  /** Every item padded to the longest. */
  readonly paddedTokens: number
  /** Total milliseconds that the items waited. */
  readonly waitedMillis: number
}

export interface BatchDecision<Item> {
  /** Items that exceeded their timeout; removed from the queue. */
  readonly expired: readonly Item[]
  /** The batch to run now; also removed from the queue. */
  readonly batch: TakenBatch<Item> | undefined
  /** When to call again if nothing changes: immediately after a batch, `Infinity` for never. */
  readonly wakeAt: number
}

interface Entry<Item> extends BatchCandidate {
  readonly item: Item
  readonly expiresAt: number
  passedOver: number
}

interface Level<Item> {
  readonly policy: QueuePolicy
  /** Both in queue order. */
  readonly inTime: Map<Item, Entry<Item>>
  /** Exceeded their timeout. */
  readonly late: Map<Item, Entry<Item>>
}

/** Lengths are compared among this many batches' worth of items, so the cost of a plan does not grow with the queue. */
const batchesCompared = 8

/**
 * The items waiting for a batch function, by priority level: the core of `batch` without promises or timers. Times are in
 * milliseconds.
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
  /** No item expires before this time. */
  #nextExpiry = Number.POSITIVE_INFINITY
  /** Set when all queued items fit into one batch: the time it is due, known without planning again for each arrival. */
  #dueAt: number | undefined
  /** Upper bound on the lengths of the queued items. */
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

  /** The level of an item with this priority, and that level's queue limit (0: unlimited). Throws `batch_option_invalid`. */
  levelOf(priority: number | undefined): { readonly level: number; readonly maxQueueSize: number } {
    const level = levelOf(this.#options, priority)
    return { level, maxQueueSize: this.#levels[level - 1]!.policy.maxQueueSize }
  }

  /** Returns false, without queueing, if its level is full. An item must not be queued twice. Throws `batch_option_invalid`. */
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

  /** Removes a cancelled item; false if it is not queued. */
  remove(item: Item): boolean {
    this.#dueAt = undefined
    return this.#levels.some(({ inTime, late }) => inTime.delete(item) || late.delete(item))
  }

  /** What to do now. `mayTake`: a batch could be run. `moreMayCome`: waiting for further items is worthwhile. */
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

  /** Whether a batch of all queued items is neither full nor of a preferred size. */
  #mayFitMore(): boolean {
    const { maxBatchSize, maxBatchTokens, preferredBatchSizes } = this.#options.limits
    const { size } = this
    return size < Math.min(maxBatchSize, ...preferredBatchSizes) && size * this.#longest <= maxBatchTokens
  }

  /** Removes expired items where their level rejects them; elsewhere moves them behind the others of their level. */
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

  /** The items that a plan considers, in queue order. */
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
