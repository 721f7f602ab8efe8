/**
 * One recording of a server: steps as engines tell of them, and requests that were under way while it went on. Holds a bounded number
 * of each. Knows nothing of HTTP.
 */

import type { Clock } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { RequestRecord } from '../observability/request-record.ts'
import type { Recorded, RecordedStep } from './recorded.ts'
import { type KnownNames, recordedRequests } from './recorded-requests.ts'

/** Each is some 800 bytes of the answer, whose making holds up everything else: 25 ms of a processor a megabyte. */
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
  /** The place of each sequence, by the id that its engine knows it by. */
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

  /** Until what comes back is disposed of. */
  watch(engine: Engine): Disposable {
    return engine.onStep((report) => {
      if (this.#steps.length >= this.#limits.steps) {
        this.#stepsLeftOut += 1
        return
      }
      const { waiting, maxBatchSize, kvCacheUsage, slots } = engine.snapshot()
      const model = engine.model.id
      this.#steps.push({ model, report, toldAt: this.#clock.now(), waiting, maxBatchSize, kvCacheUsage })
      // Who ends with this step has left its place already, and was seen in it before.
      for (const { id, slot } of slots) if (id !== undefined && !this.#slots.has(id)) this.#place(id, slot)
    })
  }

  #place(id: string, slot: number): void {
    if (this.#slots.size < 2 * this.#limits.requests) this.#slots.set(id, slot)
  }

  /** It asked a model, and is over. */
  ended(record: RequestRecord): void {
    if (this.#requests.length < this.#limits.requests) this.#requests.push(record)
    else this.#requestsLeftOut += 1
  }

  /** `open` are the requests that are under way still. */
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
