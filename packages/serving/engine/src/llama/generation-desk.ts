/**
 * Requests to generate: a waiting line in front of the engine process, and who runs in it. Those that were in a process that
 * died fail; those in line wait for the next. Knows nothing of how sequences are computed.
 */

import { HadalError, onAbort } from '@hadal/base'
import type { EngineLine, GenerateEvent, GenerateRequest, Scheduling, SlotInfo } from '../engine.ts'
import type { AdapterList } from './adapter-list.ts'
import type { EngineProcess } from './engine-process.ts'
import type { EventChannel } from './event-channel.ts'
import type { SequenceEvent } from './messages.ts'
import { promptSize } from './prompt-size.ts'
import { sequenceStart } from './sequence-start.ts'
import { Ticket } from './ticket.ts'
import { type LinePlace, WaitingLine, type WaitingLineOptions } from './waiting-line.ts'

export interface GenerationDeskOptions
  extends Omit<WaitingLineOptions<Ticket>, 'isOpen' | 'send' | 'late' | 'canPreempt'> {
  readonly adapters: AdapterList
  /** Whether the process puts one aside for one more urgent. */
  readonly preemption: boolean
  /** Of requests that have no deadline of their own. */
  readonly sloTtftMillis: number | null
  /** Undefined while there is none. */
  readonly process: () => EngineProcess | undefined
}

/** What a new token costs, in tokens of a prompt, which are computed many at a time (as in Sheng et al., section 3.1). */
const newTokenCost = 2

export class GenerationDesk {
  readonly #options: GenerationDeskOptions
  readonly #line: WaitingLine<Ticket>
  /** In line or in the process, by key. */
  readonly #tickets = new Map<number, Ticket>()
  #nextKey = 1
  /** One was cancelled in the process, which has said nothing since. */
  #cancelUnheard = false

  constructor(options: GenerationDeskOptions) {
    const { process } = options
    this.#options = options
    this.#line = new WaitingLine({
      ...options,
      canPreempt: options.preemption,
      isOpen: () => process() !== undefined,
      late: (ticket, error) => ticket.fail(error),
      send: (ticket, now) => {
        ticket.sent(now)
        process()!.start(ticket.start)
      },
    })
  }

  get running(): number {
    return this.#line.running
  }

  get waiting(): number {
    return this.#line.waiting
  }

  /** Whether the process has to say something. */
  get isOwed(): boolean {
    return this.#line.running > 0 || this.#cancelUnheard
  }

  get slots(): SlotInfo[] {
    const places = new Map([...this.#line.inProcess].map(({ place }) => [place?.slot, place]))
    return Array.from(
      { length: this.#options.maxBatchSize },
      (_, slot) => places.get(slot) ?? { slot, promptTokens: 0, computedTokens: 0, generatedTokens: 0 },
    )
  }

  /** The `most` who have waited longest, and how many wait at each priority. */
  waitingLine(most: number): EngineLine {
    const now = this.#options.clock.now()
    const requests: EngineLine['requests'][number][] = []
    const priorities = new Map<number, number>()
    for (const { item, place, arrivedAt } of this.#line.inLine) {
      const { priority, dueAt, tokens } = place
      priorities.set(priority, (priorities.get(priority) ?? 0) + 1)
      if (requests.length >= most) continue
      const due = dueAt === undefined ? {} : { dueInMillis: Math.max(0, dueAt - now) }
      requests.push({ id: item.id, priority, waitedMillis: now - arrivedAt, ...due, tokens })
    }
    const inOrder = [...priorities].sort(([one], [other]) => one - other)
    return { requests, priorities: inOrder.map(([priority, waiting]) => ({ priority, waiting })) }
  }

  /** As its request is called; undefined of one that is gone. */
  idOf(key: number): string | undefined {
    return this.#tickets.get(key)?.id
  }

  limit(changed: { readonly maxBatchSize: number; readonly timeoutMicros: number }): void {
    this.#line.limit(changed)
  }

  /** There is a process again. */
  dispatch(): void {
    this.#line.dispatch()
  }

  /** Why one that came now would not be taken. */
  refusal({ priority, client, deadlineMillis }: Scheduling): HadalError | undefined {
    const withinMillis = deadlineMillis ?? this.#options.sloTtftMillis
    return this.#line.refusal({
      ...(priority !== undefined && { priority }),
      ...(client !== undefined && { key: client }),
      ...(withinMillis !== null && { withinMillis }),
    })
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
      this.#tickets.delete(start.key)
      stopListening()
      adapters.release(set)
    })
    this.#tickets.set(start.key, ticket)
    if (signal?.aborted) ticket.cancel(now)
    else {
      if (signal !== undefined) stopListening = onAbort(signal, () => this.#cancel(ticket))
      const refused = this.#line.enter(ticket, linePlace(request, this.#options.sloTtftMillis))
      if (refused !== undefined) ticket.fail(refused)
    }
    this.#options.onChange()
    return () => this.#cancel(ticket)
  }

  /** The process has said anything: what of these sequences. */
  receive(events: readonly SequenceEvent[]): void {
    this.#cancelUnheard = false
    const now = this.#options.clock.now()
    let someEnded = false
    for (const event of events) {
      // One that was cancelled may still have had a step under way.
      const ticket = this.#tickets.get(event.key)
      const end = ticket?.receive(event, now)
      if (ticket !== undefined) this.#account(ticket, event)
      if (ticket === undefined || end === undefined || end === false) continue
      if (end === true) this.#line.served(ticket)
      else {
        this.#line.leave(ticket)
        ticket.fail(HadalError.revive(end))
      }
      someEnded = true
    }
    if (someEnded) this.#line.dispatch()
  }

  /** The process died under those in it. */
  failRunning(error: () => HadalError): void {
    for (const ticket of this.#line.takeRunning()) ticket.fail(error())
    this.#cancelUnheard = false
  }

  /** No process will come soon, or ever; or none that generates. */
  failWaiting(error: HadalError): void {
    for (const ticket of this.#line.takeWaiting()) ticket.fail(error)
  }

  /** What it was served, and how soon. */
  #account(ticket: Ticket, event: SequenceEvent): void {
    if ('promptTokens' in event)
      this.#line.correct(ticket, event.promptTokens - event.cachedTokens - promptSize(ticket.start.prompt))
    else if ('text' in event) {
      this.#line.correct(ticket, event.tokenCount * newTokenCost)
      if (ticket.isFirst) this.#line.gaveFirst(ticket)
    }
  }

  #cancel(ticket: Ticket): void {
    const { clock, process } = this.#options
    const from = this.#line.leave(ticket)
    if (from === undefined) return
    if (from === 'process') {
      process()?.cancel(ticket.key)
      this.#cancelUnheard = true
    }
    ticket.cancel(clock.now())
    this.#line.dispatch()
  }
}

function linePlace(
  { priority, client, owner, deadlineMillis, prompt }: GenerateRequest,
  sloMillis: number | null,
): LinePlace {
  const withinMillis = deadlineMillis ?? sloMillis
  return {
    ...(priority !== undefined && { priority }),
    ...(client !== undefined && { key: client }),
    ...(owner !== undefined && { user: owner }),
    ...(withinMillis !== null && { withinMillis }),
    tokens: promptSize(prompt),
  }
}
