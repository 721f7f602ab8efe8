/** Recent requests and their watchers. Keeps a bounded number and serializes only for readers. */

import type { OperatorTimeline } from '@hadal/protocol'
import type { RequestRecord } from './request-record.ts'
import { matesOf, timelineOf } from './request-timeline.ts'

/** A request was parsed and goes to its engine, or has ended. */
export type FeedEvent =
  | {
      readonly type: 'began'
      readonly id: string
      readonly at: number
      readonly model: string
      readonly route: string
    }
  | ({ readonly type: 'ended' } & OperatorTimeline)

type Listener = (event: FeedEvent) => void
type Follower = (record: RequestRecord) => void

export class TimelineFeed {
  readonly #capacity: number
  /** In progress. */
  readonly #open = new Set<RequestRecord>()
  /** Finished, newest last. Timelines are built on read. */
  readonly #closed: RequestRecord[] = []
  readonly #listeners = new Set<Listener>()
  readonly #followers = new Set<Follower>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Number of watchers; new requests are followed only if there are any. */
  get watchers(): number {
    return this.#listeners.size + this.#followers.size
  }

  /** Requests that use a model and have not ended. */
  get open(): ReadonlySet<RequestRecord> {
    return this.#open
  }

  /** Newest last. */
  recent(most: number): readonly OperatorTimeline[] {
    return most === 0 ? [] : this.#closed.slice(-most).map((record) => this.#timeline(record))
  }

  began(record: RequestRecord): void {
    this.#open.add(record)
    if (this.#listeners.size === 0) return
    const { id, arrivedWall, route } = record.start
    const { model } = record.requested!
    this.#notify({ type: 'began', id, at: Math.round(arrivedWall), model, route })
  }

  /** Ignores requests that never used a model. */
  ended(record: RequestRecord): void {
    if (!this.#open.delete(record)) return
    this.#closed.push(record)
    if (this.#closed.length > this.#capacity) this.#closed.shift()
    for (const follow of this.#followers) follow(record)
    if (this.#listeners.size > 0) this.#notify({ type: 'ended', ...this.#timeline(record) })
  }

  /** Calls back for each finished request. */
  follow(follower: Follower): Disposable {
    this.#followers.add(follower)
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) }
  }

  watch(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  #timeline(record: RequestRecord): OperatorTimeline {
    const endedAt = record.ended!.at
    const { client } = record
    return {
      ...timelineOf(record, endedAt),
      ...(client !== undefined && { client }),
      mates: matesOf(record, [...this.#open, ...this.#closed], endedAt),
    }
  }

  #notify(event: FeedEvent): void {
    for (const listen of this.#listeners) listen(event)
  }
}
