/**
 * A model that may sleep, as its gateway sees it: whether it does, how long it will, and what is said of it. Joins what is watched
 * (`WakeWatch`) with what replicas say and what is kept; knows no line and no request.
 */

import { type Clock, formatMillis, type Logger } from '@hadal/base'
import type { Dispatcher } from 'undici'
import type { Holding } from '../admission.ts'
import type { WakeMemory, WakeSnapshot } from '../upstream.ts'
import type { WakeEstimate, WakeRecord } from './estimate-wake.ts'
import { reportedStartMillis } from './start-report.ts'
import { WakeWatch } from './wake-watch.ts'

/** Discovery that has found nothing in so long will not have been slow. */
const patienceMillis = 10_000

export interface SleepOptions {
  readonly id: string
  /** As replicas name it. */
  readonly model: string
  readonly holdMillis: number
  readonly wakeMillis: number | undefined
  /** Where replicas are looked for: before that was answered, nobody knows that there are none. */
  readonly discover: unknown
}

export interface SleepParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly dispatcher: Dispatcher
  readonly headers: Readonly<Record<string, string>>
  readonly memory: WakeMemory | undefined
  readonly signal: AbortSignal
  /** No replica is there, or none of them answers. */
  readonly noneIsThere: () => boolean
  /** Whether each replica that is known was asked how it is. */
  readonly allWereAsked: () => boolean
  /** How many wait. */
  readonly waiting: () => number
  /** Why. */
  readonly complaint: () => string
}

export class Sleep implements Holding {
  readonly millis: number
  readonly #options: SleepOptions
  readonly #parts: SleepParts
  readonly #watch: WakeWatch
  readonly #bornAt: number
  #hasLooked: boolean

  constructor(options: SleepOptions, parts: SleepParts) {
    const { holdMillis, wakeMillis } = options
    this.millis = holdMillis
    this.#bornAt = parts.clock.now()
    this.#hasLooked = options.discover === undefined
    this.#options = options
    this.#parts = parts
    this.#watch = new WakeWatch({
      records: this.#isHolding ? (parts.memory?.read() ?? []) : [],
      expectedMillis: wakeMillis,
      keep: (records) => {
        this.#tellWake(records.at(-1)!)
        parts.memory?.write(records)
      },
    })
  }

  isAsleep(): boolean {
    return this.#isHolding && this.#parts.noneIsThere()
  }

  asked(now: number): void {
    this.#noteThoseWhoWait(now)
    // A gateway that has just begun finds replicas that were there: that is no wake.
    if (!this.#isKnown(now)) return
    if (this.#watch.asked(now)) this.#tellSleep(now)
  }

  estimate(now: number): WakeEstimate | undefined {
    this.#noteThoseWhoWait(now)
    return this.isAsleep() ? this.#watch.estimate(now) : undefined
  }

  /** What discovery found: so many that are not ready, and so many that are. */
  found(pending: number, ready: number): void {
    this.#hasLooked = true
    this.#watch.pods(pending, ready, this.#parts.clock.now())
  }

  /** Replicas came, went, or are otherwise than they were. */
  changed(): void {
    const { clock } = this.#parts
    const now = clock.now()
    // Before they are let go, which may be before the replica is known to be well.
    this.#noteThoseWhoWait(now)
    if (this.#isHolding && !this.isAsleep()) this.#watch.woke(now, clock.wallClock())
  }

  /** Asks one that came up how long its own start took. */
  async askHowItStarted(url: string): Promise<void> {
    if (!this.#isHolding) return
    const millis = await reportedStartMillis({ url, model: this.#options.model, ...this.#parts })
    if (millis !== undefined) this.#watch.reported(millis)
  }

  snapshot(): WakeSnapshot {
    const { wakes, last } = this.#watch
    return { estimate: this.estimate(this.#parts.clock.now()), wakes, last }
  }

  #isKnown(now: number): boolean {
    const hasLooked = this.#hasLooked || now - this.#bornAt >= patienceMillis
    return hasLooked && this.#parts.allWereAsked()
  }

  #noteThoseWhoWait(now: number): void {
    if (this.#parts.waiting() > 0) this.#watch.stillWanted(now)
  }

  get #isHolding(): boolean {
    return this.millis > 0
  }

  #tellSleep(now: number): void {
    const estimate = this.estimate(now)
    this.#parts.logger.info('no replica is well: requests wait for one', {
      upstream: this.#options.id,
      why: this.#parts.complaint(),
      atMost: formatMillis(this.millis),
      ...(estimate !== undefined && { likely: formatMillis(estimate.likelyMillis) }),
    })
  }

  #tellWake({ wholeMillis, startMillis }: WakeRecord): void {
    this.#parts.logger.info('a replica came up for those who wait', {
      upstream: this.#options.id,
      took: formatMillis(wholeMillis),
      ...(startMillis !== undefined && { startTook: formatMillis(startMillis) }),
    })
  }
}
