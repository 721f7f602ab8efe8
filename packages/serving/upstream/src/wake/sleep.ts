/**
 * A model that may sleep, as seen by its gateway: whether it is asleep, for how long, and what to report. Combines `WakeWatch`
 * with reports of replicas and persisted records.
 */

import { type Clock, formatMillis, type Logger } from '@hadal/base'
import type { Dispatcher } from 'undici'
import type { Holding } from '../admission.ts'
import type { WakeMemory, WakeSnapshot } from '../upstream.ts'
import type { WakeEstimate, WakeRecord } from './estimate-wake.ts'
import { reportedStartMillis } from './start-report.ts'
import { WakeWatch } from './wake-watch.ts'

/** If discovery found nothing for this long, it is not merely slow. */
const patienceMillis = 10_000

export interface SleepOptions {
  readonly id: string
  /** The replicas' model name. */
  readonly model: string
  readonly holdMillis: number
  readonly wakeMillis: number | undefined
  /** Set if replicas are discovered: until the first result, their absence is unknown. */
  readonly discover: unknown
}

export interface SleepParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly dispatcher: Dispatcher
  readonly headers: Readonly<Record<string, string>>
  readonly memory: WakeMemory | undefined
  readonly signal: AbortSignal
  /** No replica exists, or none responds. */
  readonly noneIsThere: () => boolean
  /** Whether all known replicas have been checked. */
  readonly allWereChecked: () => boolean
  /** Number of waiting requests. */
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
        this.#reportWake(records.at(-1)!)
        parts.memory?.write(records)
      },
    })
  }

  isAsleep(): boolean {
    return this.#isHolding && this.#parts.noneIsThere()
  }

  requested(now: number): void {
    this.#noteThoseWhoWait(now)
    // A gateway that has just started finds existing replicas: that is not a wake.
    if (!this.#isKnown(now)) return
    if (this.#watch.requested(now)) this.#reportSleep(now)
  }

  estimate(now: number): WakeEstimate | undefined {
    this.#noteThoseWhoWait(now)
    return this.isAsleep() ? this.#watch.estimate(now) : undefined
  }

  /** Discovery results: numbers of pending and ready replicas. */
  found(pending: number, ready: number): void {
    this.#hasLooked = true
    this.#watch.pods(pending, ready, this.#parts.clock.now())
  }

  /** Replicas were added or removed, or changed state. */
  changed(): void {
    const { clock } = this.#parts
    const now = clock.now()
    // Before they are released, which may happen before the replica is known to be healthy.
    this.#noteThoseWhoWait(now)
    if (this.#isHolding && !this.isAsleep()) this.#watch.woke(now, clock.wallClock())
  }

  /** Asks a new replica for its start time. */
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
    return hasLooked && this.#parts.allWereChecked()
  }

  #noteThoseWhoWait(now: number): void {
    if (this.#parts.waiting() > 0) this.#watch.stillWanted(now)
  }

  get #isHolding(): boolean {
    return this.millis > 0
  }

  #reportSleep(now: number): void {
    const estimate = this.estimate(now)
    this.#parts.logger.info('no replica is well: requests wait for one', {
      upstream: this.#options.id,
      why: this.#parts.complaint(),
      atMost: formatMillis(this.millis),
      ...(estimate !== undefined && { likely: formatMillis(estimate.likelyMillis) }),
    })
  }

  #reportWake({ wholeMillis, startMillis }: WakeRecord): void {
    this.#parts.logger.info('a replica came up for those who wait', {
      upstream: this.#options.id,
      took: formatMillis(wholeMillis),
      ...(startMillis !== undefined && { startTook: formatMillis(startMillis) }),
    })
  }
}
