/**
 * Measures wakes of a sleeping model: since when requests wait, since when a pod exists, and the total. Time is an argument; no
 * I/O.
 */

import { estimateWake, type WakeEstimate, type WakeRecord } from './estimate-wake.ts'

export interface WakeWatchOptions {
  readonly records: readonly WakeRecord[]
  readonly expectedMillis: number | undefined
  /** Persists all records to keep. */
  readonly keep: (records: readonly WakeRecord[]) => void
}

/** Only the latest: times with another node, image or model are outdated. */
const maxRecords = 20
/**
 * An autoscaler sees a request for about two minutes (`demand` in fleet's queries). A replica that comes up after that was not
 * started for it.
 */
const forgottenMillis = 120_000

export class WakeWatch {
  wakes = 0
  #options: WakeWatchOptions
  #records: readonly WakeRecord[]
  #reportedStartMillis: number | undefined
  #requestedAt: number | undefined
  #lastRequestedAt = 0
  #pendingAt: number | undefined

  constructor(options: WakeWatchOptions) {
    this.#options = options
    this.#records = options.records.slice(-maxRecords)
  }

  get last(): WakeRecord | undefined {
    return this.#records.at(-1)
  }

  /** An engine reported its start time. */
  reported(startMillis: number): void {
    this.#reportedStartMillis = startMillis
  }

  /** Numbers of pending and ready pods; ready ones may still be unhealthy. */
  pods(pending: number, ready: number, now: number): void {
    if (pending > 0) this.#pendingAt ??= now
    else if (ready === 0) this.#pendingAt = undefined
  }

  /** A request is still waiting. */
  stillWanted(now: number): void {
    this.#lastRequestedAt = now
  }

  /** A request arrived while it sleeps. True if it is the first. */
  requested(now: number): boolean {
    const isFirst = this.#wantedSince(now) === undefined
    if (isFirst) this.#requestedAt = now
    this.#lastRequestedAt = now
    return isFirst
  }

  /** A replica is healthy. */
  woke(now: number, wallClock: number): void {
    const [requestedAt, pendingAt] = [this.#wantedSince(now), this.#pendingAt]
    this.#requestedAt = undefined
    this.#pendingAt = undefined
    if (requestedAt === undefined) return
    const wholeMillis = now - requestedAt
    // It was only unreachable, or already starting before the first request here: not a valid measurement.
    if (pendingAt === undefined && wholeMillis < (this.#reportedStartMillis ?? 0) / 2) return
    this.wakes += 1
    const record: WakeRecord = {
      at: wallClock,
      wholeMillis,
      ...(pendingAt !== undefined && { startMillis: now - pendingAt }),
    }
    this.#records = [...this.#records, record].slice(-maxRecords)
    this.#options.keep(this.#records)
  }

  /** For a sleeping model. Undefined if nothing is known. */
  estimate(now: number): WakeEstimate | undefined {
    const progress = {
      wholeMillis: now - (this.#wantedSince(now) ?? now),
      startMillis: this.#pendingAt === undefined ? undefined : now - this.#pendingAt,
    }
    const { expectedMillis } = this.#options
    return estimateWake(this.#records, progress, {
      reportedStartMillis: this.#reportedStartMillis,
      expectedMillis,
    })
  }

  /** Undefined if there are no requests, or all left long ago. */
  #wantedSince(now: number): number | undefined {
    return now - this.#lastRequestedAt > forgottenMillis ? undefined : this.#requestedAt
  }
}
