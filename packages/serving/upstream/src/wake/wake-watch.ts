/**
 * Watches a model fall asleep and wake: since when somebody waits, since when a pod is there, how long it took in the end. Is told
 * the time; does no I/O.
 */

import { estimateWake, type WakeEstimate, type WakeRecord } from './estimate-wake.ts'

export interface WakeWatchOptions {
  readonly records: readonly WakeRecord[]
  readonly expectedMillis: number | undefined
  /** Whoever keeps them gets all that count from now on. */
  readonly keep: (records: readonly WakeRecord[]) => void
}

/** The last ones: what another node, image or model took counts no longer. */
const maxRecords = 20
/**
 * An autoscaler sees a request for about two minutes (`demand` in fleet's queries). If nobody asked for so long, what comes up did not
 * come up for them.
 */
const forgottenMillis = 120_000

export class WakeWatch {
  wakes = 0
  #options: WakeWatchOptions
  #records: readonly WakeRecord[]
  #reportedStartMillis: number | undefined
  #askedAt: number | undefined
  #lastAskedAt = 0
  #pendingAt: number | undefined

  constructor(options: WakeWatchOptions) {
    this.#options = options
    this.#records = options.records.slice(-maxRecords)
  }

  get last(): WakeRecord | undefined {
    return this.#records.at(-1)
  }

  /** An engine says how long its own start took. */
  reported(startMillis: number): void {
    this.#reportedStartMillis = startMillis
  }

  /** So many pods are there that are not ready, and so many that are: those may still not be well. */
  pods(pending: number, ready: number, now: number): void {
    if (pending > 0) this.#pendingAt ??= now
    else if (ready === 0) this.#pendingAt = undefined
  }

  /** Somebody who asked still waits. */
  stillWanted(now: number): void {
    this.#lastAskedAt = now
  }

  /** Somebody wants it while it sleeps. True where nobody did before. */
  asked(now: number): boolean {
    const isFirst = this.#wantedSince(now) === undefined
    if (isFirst) this.#askedAt = now
    this.#lastAskedAt = now
    return isFirst
  }

  /** A replica is well. */
  woke(now: number, wallClock: number): void {
    const [askedAt, pendingAt] = [this.#wantedSince(now), this.#pendingAt]
    this.#askedAt = undefined
    this.#pendingAt = undefined
    if (askedAt === undefined) return
    const wholeMillis = now - askedAt
    // It was only out of reach, or about to be there before anybody asked here: that says nothing of the next wake.
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

  /** Of one that sleeps. Undefined where nothing is known. */
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

  /** Undefined where nobody wants it, or all who did have long gone. */
  #wantedSince(now: number): number | undefined {
    return now - this.#lastAskedAt > forgottenMillis ? undefined : this.#askedAt
  }
}
