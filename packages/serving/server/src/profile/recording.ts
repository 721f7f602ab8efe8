/** One recording: steps reported by engines and requests in progress meanwhile. Bounded. */

import type { Clock } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { RequestRecord } from '../observability/request-record.ts'
import type { Recorded, RecordedStep } from './recorded.ts'
import { type KnownNames, recordedRequests } from './recorded-requests.ts'

/** Each takes about 800 bytes of the response; serializing blocks the event loop for 25 ms per megabyte. */
const maxSteps = 16_384
const maxRequests = 8_192

export interface RecordingLimits {
  readonly steps: number
  readonly requests: number
}

export class Recording {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #modelOf: KnownNames['modelOf']
  readonly #limits: RecordingLimits
  readonly #steps: RecordedStep[] = []
  readonly #requests: RequestRecord[] = []
  /** Slot of each sequence, by its engine id. */
  readonly #slots = new Map<string, number>()
  #stepsLeftOut = 0
  #requestsLeftOut = 0

  constructor(
    clock: Clock,
    modelOf: KnownNames['modelOf'],
    limits: RecordingLimits = { steps: maxSteps, requests: maxRequests },
  ) {
    this.#clock = clock
    this.#modelOf = modelOf
    this.#startedAt = clock.now()
    this.#limits = limits
  }

  /** Records until the returned handle is disposed. */
  watch(engine: Engine): Disposable {
    return engine.onStep((report) => {
      if (this.#steps.length >= this.#limits.steps) {
        this.#stepsLeftOut += 1
        return
      }
      const { waiting, maxBatchSize, kvCacheUsage, slots } = engine.snapshot()
      const model = engine.model.id
      this.#steps.push({ model, report, reportedAt: this.#clock.now(), waiting, maxBatchSize, kvCacheUsage })
      // A sequence that ends with this step has already left its slot and was recorded earlier.
      for (const { id, slot } of slots) if (id !== undefined && !this.#slots.has(id)) this.#place(id, slot)
    })
  }

  #place(id: string, slot: number): void {
    if (this.#slots.size < 2 * this.#limits.requests) this.#slots.set(id, slot)
  }

  /** Adds a finished request that used a model. */
  ended(record: RequestRecord): void {
    if (this.#requests.length < this.#limits.requests) this.#requests.push(record)
    else this.#requestsLeftOut += 1
  }

  /** `open` are the requests still in progress. */
  finish(open: Iterable<RequestRecord>): Recorded {
    const endedAt = this.#clock.now()
    const room = this.#limits.requests - this.#requests.length
    const all = [...open]
    const leftOut = this.#requestsLeftOut + Math.max(0, all.length - room)
    const requests = [...this.#requests, ...all.slice(0, room)]
    const names = { slotOf: (id: string) => this.#slots.get(id), modelOf: this.#modelOf }
    return {
      startedAt: this.#startedAt,
      endedAt,
      steps: this.#steps,
      requests: requests.flatMap((record) => recordedRequests(record, names)),
      notes: [
        ...(this.#stepsLeftOut > 0 ? [note(this.#stepsLeftOut, 'step', this.#limits.steps)] : []),
        ...(leftOut > 0 ? [note(leftOut, 'request', this.#limits.requests)] : []),
      ],
    }
  }
}

const note = (leftOut: number, what: string, most: number): string =>
  `${leftOut} more ${what}${leftOut === 1 ? '' : 's'} came than the ${most} that are kept: record for a shorter time`
