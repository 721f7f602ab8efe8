/**
 * Manages generation requests: the queue in front of the engine process, and the requests running in it. If the process dies,
 * running requests fail and queued ones wait for the next process.
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
  /** Whether the process can preempt for a more urgent request. */
  readonly preemption: boolean
  /** For requests without their own deadline. */
  readonly sloTtftMillis: number | null
  /** Undefined while there is none. */
  readonly process: () => EngineProcess | undefined
}

/** Cost of a new token in prompt tokens, which are computed many at a time (as in Sheng et al., section 3.1). */
const newTokenCost = 2

export class GenerationDesk {
  readonly #options: GenerationDeskOptions
  readonly #line: WaitingLine<Ticket>
  /** Queued or running requests, by key. */
  readonly #tickets = new Map<number, Ticket>()
  #nextKey = 1
  /** A request was cancelled in the process, which has not sent anything since. */
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

  /** Whether a message from the process is due. */
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

  /** The `most` longest-waiting requests, and the number queued at each priority. */
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

  /** The request's id; undefined if it has ended. */
  idOf(key: number): string | undefined {
    return this.#tickets.get(key)?.id
  }

  limit(changed: { readonly maxBatchSize: number; readonly timeoutMicros: number }): void {
    this.#line.limit(changed)
  }

  /** A process is available again. */
  dispatch(): void {
    this.#line.dispatch()
  }

  /** Why a new request would be rejected. */
  refusal({ priority, client, deadlineMillis }: Scheduling): HadalError | undefined {
    const withinMillis = deadlineMillis ?? this.#options.sloTtftMillis
    return this.#line.refusal({
      ...(priority !== undefined && { priority }),
      ...(client !== undefined && { key: client }),
      ...(withinMillis !== null && { withinMillis }),
    })
  }

  /** Returns the function to call when the reader leaves. Throws validation errors; `queue_full` goes through the channel. */
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

  /** A message from the process arrived, with events of these sequences. */
  receive(events: readonly SequenceEvent[]): void {
    this.#cancelUnheard = false
    const now = this.#options.clock.now()
    let someEnded = false
    for (const event of events) {
      // A cancelled sequence may still have been in a running step.
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

  /** The process died: fails its requests. */
  failRunning(error: () => HadalError): void {
    for (const ticket of this.#line.takeRunning()) ticket.fail(error())
    this.#cancelUnheard = false
  }

  /** No process is available for now or for good, or none that generates. */
  failWaiting(error: HadalError): void {
    for (const ticket of this.#line.takeWaiting()) ticket.fail(error)
  }

  /** Records its service and latency. */
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
