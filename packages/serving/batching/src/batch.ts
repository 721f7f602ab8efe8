/**
 * `batch` turns a function of a list into a function that callers call with one item each. `BatchQueue` makes the decisions;
 * this file adds promises and one timer.
 */

import { type Clock, onAbort, systemClock } from '@hadal/base'
import { BatchQueue, type ItemOptions, type TakenBatch } from './batch-queue.ts'
import { batchClosed, batchOptionInvalid, batchQueueFull, batchResultCount, batchTimeout } from './errors.ts'
import type { BatchQueueOptions } from './queue-options.ts'
import { ServiceRate } from './service-rate.ts'

/**
 * Returns one result per item, in order; an `Error` rejects only its own item, an exception rejects all of them. `signal`
 * aborts when no caller wants the results any more.
 */
export type BatchFunction<Item, Result> = (
  items: readonly Item[],
  context: { readonly signal: AbortSignal },
) => PromiseLike<readonly (Result | Error)[]> | readonly (Result | Error)[]

export interface BatchOptions<Item> extends BatchQueueOptions {
  /** Concurrent calls of the function; 1 by default. Items accumulate while all calls are running. */
  readonly concurrency?: number
  /** The length of an item, in the unit of `maxBatchTokens`. 1 by default, which ignores lengths. */
  readonly tokensOf?: (item: Item) => number
  readonly clock?: Clock
}

export interface CallOptions extends ItemOptions {
  /** Aborting removes the item from the queue; a result already being computed is discarded. */
  readonly signal?: AbortSignal | undefined
}

export interface BatchStats {
  readonly waiting: number
  /** Calls in progress. */
  readonly running: number
  readonly batches: number
  /** Items that went into a batch. */
  readonly items: number
  /** Total tokens of these items, without padding and padded to the longest of each batch. */
  readonly tokens: number
  readonly paddedTokens: number
  /** Total milliseconds that these items waited. */
  readonly waitedMillis: number
  /** Total milliseconds of all calls. */
  readonly computedMillis: number
  /** Items that never reached a batch: the queue was full, they timed out, or they were cancelled. */
  readonly refused: number
  readonly timedOut: number
  readonly cancelled: number
}

export interface Batched<Item, Result> extends AsyncDisposable {
  /**
   * Rejects with whatever the function throws, `batch_queue_full`, `batch_timeout`, `batch_closed`, `batch_result_count`,
   * `batch_option_invalid`, or the reason of the signal.
   */
  (item: Item, options?: CallOptions): Promise<Result>
  readonly stats: BatchStats
  /** Accepts no more items; resolves when all queued and running items have their results. */
  close(): Promise<void>
}

/**
 * Throws `batch_option_invalid`.
 *
 * @example
 * ```ts
 * import { batch } from '@hadal/batching'
 *
 * const classify = batch(
 *   async (texts: readonly string[]) => texts.map((text) => text.length > 10), // one call for many callers
 *   { maxBatchSize: 32, timeoutMicros: 2_000 },
 * )
 * const answers = await Promise.all([classify('short'), classify('rather a long text')]) // → [ false, true ]
 * await classify.close()
 * ```
 */
export function batch<Item, Result>(
  fn: BatchFunction<Item, Result>,
  options: BatchOptions<Item> = {},
): Batched<Item, Result> {
  const batcher = new Batcher(fn, options)
  const call = (item: Item, callOptions: CallOptions = {}): Promise<Result> => batcher.run(item, callOptions)
  const close = (): Promise<void> => batcher.close()
  const members = { close, [Symbol.asyncDispose]: close, stats: batcher.stats }
  return Object.defineProperty(Object.assign(call, members), 'stats', { get: () => batcher.stats })
}

/** Node fires timers with a longer delay immediately. */
const longestTimerMillis = 2 ** 31 - 1

interface Pending<Item, Result> {
  readonly item: Item
  readonly arrivedAt: number
  readonly resolve: (result: Result) => void
  /** The thrown value, or the reason of the signal. */
  readonly reject: (reason: unknown) => void
  /** Set while in a running call: drops one consumer of its results. */
  leave?: () => void
}

class Batcher<Item, Result> {
  readonly #fn: BatchFunction<Item, Result>
  readonly #tokensOf: (item: Item) => number
  readonly #clock: Clock
  readonly #concurrency: number
  readonly #queue: BatchQueue<Pending<Item, Result>>
  readonly #rate = new ServiceRate()
  #running = 0
  /** Items that arrive in the same turn of the event loop are dispatched together. */
  #dispatchIsDue = false
  #closed = false
  #whenIdle: (() => void)[] = []
  #timer: { readonly at: number; readonly stop: AbortController } | undefined
  readonly #counts = {
    batches: 0,
    items: 0,
    tokens: 0,
    paddedTokens: 0,
    waitedMillis: 0,
    computedMillis: 0,
    refused: 0,
    timedOut: 0,
    cancelled: 0,
  }

  constructor(fn: BatchFunction<Item, Result>, options: BatchOptions<Item>) {
    const { concurrency = 1, tokensOf, clock = systemClock, maxBatchTokens } = options
    if (!(Number.isInteger(concurrency) && concurrency >= 1))
      throw batchOptionInvalid('concurrency', concurrency, 'a whole number of at least 1')
    if (tokensOf === undefined && maxBatchTokens !== undefined)
      throw batchOptionInvalid('tokensOf', tokensOf, 'a function where maxBatchTokens is given')
    this.#fn = fn
    this.#tokensOf = tokensOf ?? (() => 1)
    this.#clock = clock
    this.#concurrency = concurrency
    this.#queue = new BatchQueue(options)
  }

  get stats(): BatchStats {
    return { waiting: this.#queue.size, running: this.#running, ...this.#counts }
  }

  async run(item: Item, options: CallOptions): Promise<Result> {
    const tokens = this.#tokensOf(item)
    if (!(Number.isFinite(tokens) && tokens >= 0))
      throw batchOptionInvalid('tokensOf(item)', tokens, 'a number, 0 or more')
    const { signal } = options
    signal?.throwIfAborted()
    if (this.#closed) throw batchClosed()
    let stopListening = (): void => {}
    try {
      return await new Promise<Result>((resolve, reject) => {
        const pending: Pending<Item, Result> = { item, arrivedAt: this.#clock.now(), resolve, reject }
        if (signal !== undefined) stopListening = onAbort(signal, () => this.#cancel(pending, signal))
        this.#enter(pending, tokens, options)
      })
    } finally {
      stopListening()
    }
  }

  close(): Promise<void> {
    this.#closed = true
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve)
      this.#dispatch()
    })
  }

  #enter(pending: Pending<Item, Result>, tokens: number, options: CallOptions): void {
    const enter = (): boolean => this.#queue.enter(pending, tokens, pending.arrivedAt, options)
    let entered = enter()
    if (!entered && this.#running < this.#concurrency) {
      // Items to be dispatched at the end of this turn free their slots.
      this.#dispatch()
      entered = enter()
    }
    if (!entered) throw this.#full(options.priority)
    if (this.#dispatchIsDue) return
    this.#dispatchIsDue = true
    queueMicrotask(() => {
      this.#dispatchIsDue = false
      this.#dispatch()
    })
  }

  #full(priority: number | undefined): Error {
    this.#counts.refused += 1
    const { level, maxQueueSize } = this.#queue.levelOf(priority)
    const places = this.#queue.maxBatchSize * this.#concurrency
    const retryAfterSeconds = this.#rate.retryAfterSeconds(this.#queue.size, places)
    return batchQueueFull(maxQueueSize, level).with({ retryAfterSeconds })
  }

  /** Starts the calls that can start, rejects items that timed out, and sets the timer for the next event. */
  #dispatch(): void {
    for (;;) {
      const now = this.#clock.now()
      const mayTake = this.#running < this.#concurrency
      const { expired, batch, wakeAt } = this.#queue.decide(now, { mayTake, moreMayCome: !this.#closed })
      this.#counts.timedOut += expired.length
      for (const { reject, arrivedAt } of expired) reject(batchTimeout(now - arrivedAt))
      if (batch === undefined) {
        this.#wakeAt(wakeAt, now)
        break
      }
      void this.#compute(batch)
    }
    if (this.#running > 0 || this.#queue.size > 0) return
    for (const notify of this.#whenIdle) notify()
    this.#whenIdle = []
  }

  async #compute({ items, ...figures }: TakenBatch<Pending<Item, Result>>): Promise<void> {
    const begin = this.#clock.now()
    this.#running += 1
    this.#counts.batches += 1
    this.#counts.items += items.length
    this.#counts.tokens += figures.tokens
    this.#counts.paddedTokens += figures.paddedTokens
    this.#counts.waitedMillis += figures.waitedMillis
    const unwanted = new AbortController()
    let wanted = items.length
    for (const pending of items)
      pending.leave = () => {
        wanted -= 1
        if (wanted === 0) unwanted.abort()
      }
    try {
      // The `async` wrapper turns a synchronous throw into a rejection.
      const call = async (): Promise<unknown> =>
        this.#fn(
          items.map(({ item }) => item),
          { signal: unwanted.signal },
        )
      settle(items, await call())
    } catch (thrown) {
      for (const { reject } of items) reject(thrown)
    } finally {
      const millis = this.#clock.now() - begin
      this.#rate.record(millis)
      this.#counts.computedMillis += millis
      this.#running -= 1
      this.#dispatch()
    }
  }

  #cancel(pending: Pending<Item, Result>, signal: AbortSignal): void {
    pending.reject(signal.reason)
    if (this.#queue.remove(pending)) {
      this.#counts.cancelled += 1
      this.#dispatch()
    } else pending.leave?.()
  }

  /** One timer only. Firing too early is harmless, so it is reset only for an earlier time. */
  #wakeAt(at: number, now: number): void {
    if (this.#timer !== undefined && this.#timer.at <= at && at !== Number.POSITIVE_INFINITY) return
    this.#timer?.stop.abort()
    this.#timer = undefined
    if (at === Number.POSITIVE_INFINITY) return
    const timer = { at, stop: new AbortController() }
    this.#timer = timer
    this.#clock.sleep(Math.min(at - now, longestTimerMillis), timer.stop.signal).then(
      () => {
        if (this.#timer !== timer) return
        this.#timer = undefined
        this.#dispatch()
      },
      () => {},
    )
  }
}

function settle<Item, Result>(items: readonly Pending<Item, Result>[], results: unknown): void {
  if (!Array.isArray(results) || results.length !== items.length)
    throw batchResultCount(Array.isArray(results) ? results.length : typeof results, items.length)
  for (const [at, { resolve, reject }] of items.entries()) {
    const result = results[at] as Result | Error
    if (result instanceof Error) reject(result)
    else resolve(result)
  }
}
