/**
 * Requests to generate: a waiting line in front of the engine process, and who runs in it. Those that were in a process that
 * died fail; those in line wait for the next. Knows nothing of how sequences are computed.
 */

import { type Clock, HadalError } from '@hadal/base'
import { AdmissionQueue, firstPassDelay, ServiceRate } from '@hadal/batching'
import type { GenerateEvent, GenerateRequest, SlotInfo } from '../engine.ts'
import { queueFull } from '../errors.ts'
import type { AdapterList } from './adapter-list.ts'
import type { EngineProcess } from './engine-process.ts'
import type { EventChannel } from './event-channel.ts'
import type { SequenceEvent } from './messages.ts'
import { onAbort } from './on-abort.ts'
import type { ResolvedOptions } from './options.ts'
import { sequenceStart } from './sequence-start.ts'
import { Ticket } from './ticket.ts'

export interface GenerationDeskOptions
  extends Pick<ResolvedOptions, 'maxBatchSize' | 'maxQueue' | 'timeoutMicros'> {
  readonly adapters: AdapterList
  readonly clock: Clock
  /** Undefined while there is none. */
  readonly process: () => EngineProcess | undefined
  /** Somebody came, went to the process, or left. */
  readonly onChange: () => void
}

export class GenerationDesk {
  readonly #options: GenerationDeskOptions
  readonly #queue: AdmissionQueue<Ticket>
  readonly #rate = new ServiceRate()
  /** In the process, by key. */
  readonly #running = new Map<number, Ticket>()
  #nextKey = 1
  /** Of the wait for prompts that share the first pass. */
  #company: AbortController | undefined
  /** One was cancelled in the process, which has said nothing since. */
  #cancelUnheard = false

  constructor(options: GenerationDeskOptions) {
    this.#options = options
    this.#queue = new AdmissionQueue(options.maxQueue)
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Whether the process has to say something. */
  get isOwed(): boolean {
    return this.#running.size > 0 || this.#cancelUnheard
  }

  get slots(): SlotInfo[] {
    const places = new Map([...this.#running.values()].map(({ place }) => [place?.slot, place]))
    return Array.from(
      { length: this.#options.maxBatchSize },
      (_, slot) => places.get(slot) ?? { slot, promptTokens: 0, computedTokens: 0, generatedTokens: 0 },
    )
  }

  /** Returns what to do when the reader leaves. Throws what is wrong with the request; `queue_full` goes through the channel. */
  begin(
    channel: EventChannel<GenerateEvent>,
    request: GenerateRequest,
    signal: AbortSignal | undefined,
  ): () => void {
    const { adapters, clock } = this.#options
    const now = clock.now()
    const set = adapters.setOf(request.adapters)
    const start = { ...sequenceStart(this.#nextKey, request), adapters: set }
    this.#nextKey += 1
    let stopListening = (): void => {}
    adapters.hold(set)
    const ticket = new Ticket(request, start, channel, now, () => {
      stopListening()
      adapters.release(set)
    })
    if (signal?.aborted) ticket.cancel(now)
    else if (!this.#queue.offer(ticket, now, this.#freePlaces())) ticket.fail(this.#full(now))
    else if (signal !== undefined) stopListening = onAbort(signal, () => this.#cancel(ticket))
    this.dispatch()
    return () => this.#cancel(ticket)
  }

  /** As many as have a place go to the process, unless it is worth waiting for company. */
  dispatch(): void {
    const now = this.#options.clock.now()
    const delay = this.#delay(now)
    if (delay === 0) this.#sendAll(now)
    else if (this.#company === undefined) void this.#dispatchAfter(delay)
    this.#options.onChange()
  }

  /** The process has said anything: what of these sequences. */
  receive(events: readonly SequenceEvent[]): void {
    this.#cancelUnheard = false
    const now = this.#options.clock.now()
    let someEnded = false
    for (const event of events) {
      // One that was cancelled may still have had a step under way.
      const ticket = this.#running.get(event.key)
      const end = ticket?.receive(event, now)
      if (ticket === undefined || end === undefined || end === false) continue
      this.#running.delete(event.key)
      if (end === true) this.#rate.record(now - ticket.sentAt!)
      else ticket.fail(HadalError.revive(end))
      someEnded = true
    }
    if (someEnded) this.dispatch()
  }

  /** The process died under those in it. */
  failRunning(error: () => HadalError): void {
    for (const ticket of this.#running.values()) ticket.fail(error())
    this.#running.clear()
    this.#cancelUnheard = false
  }

  /** No process will come soon, or ever. */
  failWaiting(error: HadalError): void {
    for (const ticket of this.#queue.clear()) ticket.fail(error)
    this.#endWaitForCompany()
  }

  #cancel(ticket: Ticket): void {
    const { clock, process } = this.#options
    if (this.#running.delete(ticket.key)) {
      process()?.cancel(ticket.key)
      this.#cancelUnheard = true
    } else if (!this.#queue.remove(ticket)) return
    ticket.cancel(clock.now())
    this.dispatch()
  }

  #delay(now: number): number {
    const oldest = this.#queue.peek()
    if (oldest === undefined) return 0
    const [running, waiting, places] = [this.#running.size, this.#queue.size, this.#freePlaces()]
    const state = { running, waiting, places, oldestArrivedAt: oldest.arrivedAt }
    return firstPassDelay(state, this.#options.timeoutMicros, now)
  }

  #sendAll(now: number): void {
    this.#endWaitForCompany()
    while (this.#freePlaces() > 0) {
      const ticket = this.#queue.take()?.item
      if (ticket === undefined) return
      ticket.sent(now)
      this.#running.set(ticket.key, ticket)
      this.#options.process()!.start(ticket.start)
    }
  }

  async #dispatchAfter(millis: number): Promise<void> {
    const company = new AbortController()
    this.#company = company
    await this.#options.clock.sleep(millis, company.signal).catch(() => {})
    if (company.signal.aborted) return
    this.#company = undefined
    this.dispatch()
  }

  #endWaitForCompany(): void {
    this.#company?.abort()
    this.#company = undefined
  }

  #freePlaces(): number {
    return this.#options.process() === undefined ? 0 : this.#options.maxBatchSize - this.#running.size
  }

  #full(now: number): HadalError {
    const [longest] = this.#running.values()
    const retryAfterSeconds = this.#rate.retryAfterSeconds(
      this.#queue.size,
      this.#options.maxBatchSize,
      now - (longest?.sentAt ?? now),
    )
    return queueFull(this.#queue.maxQueue).with({ retryAfterSeconds })
  }
}
