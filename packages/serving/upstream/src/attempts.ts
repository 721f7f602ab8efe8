/**
 * The attempts of one request: one replica, and a second one in parallel if hedging is enabled and the first is slow. The first
 * to respond wins; the other is cancelled. Retries are handled elsewhere.
 */

import { onAbort } from '@hadal/base'
import { type AttemptRequest, attempt, type Outcome } from './attempt.ts'
import type { Journey, RelayParts, Seat } from './journey.ts'
import { judge, type Verdict } from './judge.ts'
import type { RelayRequest } from './upstream.ts'
import { outgoingHeaders } from './wire/headers.ts'
import { type OutgoingBody, outgoingBody } from './wire/request-body.ts'
import { targetUrl } from './wire/target-url.ts'

interface Running {
  readonly seat: Seat
  readonly leave: () => void
  readonly done: Promise<{ readonly running: Running; readonly outcome: Outcome }>
}

export type Answered = Extract<Outcome, { kind: 'answer' }>

const loser = 'another replica answered first'

export class Attempts {
  count = 0
  readonly body: OutgoingBody
  readonly #parts: RelayParts
  readonly #request: RelayRequest
  readonly #signal: AbortSignal
  readonly #journey: Journey

  constructor(parts: RelayParts, request: RelayRequest, journey: Journey, signal: AbortSignal) {
    const { model, askUsage } = parts.options
    this.#parts = parts
    this.#request = request
    this.#journey = journey
    this.#signal = signal
    this.body = outgoingBody(request.body, { path: request.path, model, askUsage })
  }

  /** The response, or the last failure if no attempt succeeded. */
  async ask(seat: Seat): Promise<{ readonly seat: Seat; readonly outcome: Outcome }> {
    const running = new Set([this.#begin(seat)])
    if (await this.#isTimeToHedge([...running][0]!)) {
      const second = this.#secondSeat()
      if (second !== undefined) running.add(this.#begin(second))
    }
    for (;;) {
      const ended = await Promise.race([...running].map(({ done }) => done))
      running.delete(ended.running)
      const isSettled =
        ended.outcome.kind === 'answer' || running.size === 0 || !this.judge(ended.outcome).mayRetry
      this.#settle(ended.running.seat, ended.outcome)
      if (!isSettled) continue
      for (const other of running) this.#abandon(other)
      return { seat: ended.running.seat, outcome: ended.outcome }
    }
  }

  judge(outcome: Exclude<Outcome, Answered>): Verdict {
    const { options, clock } = this.#parts
    return judge(outcome, {
      id: options.id,
      limitMillis: this.#limitMillis,
      wallClock: clock.wallClock(),
      secrets: [...(options.apiKey === undefined ? [] : [options.apiKey]), ...Object.values(options.headers)],
    })
  }

  #begin(seat: Seat): Running {
    const { clock, dispatcher, options } = this.#parts
    const leaving = new AbortController()
    const leave = (): void => leaving.abort(loser)
    const callOff = [onAbort(this.#signal, leave), seat.replica.onDown(leave)]
    if (this.#signal.aborted) leave()
    this.count += 1
    this.#journey.tried.add(seat.replica.url)
    const request: AttemptRequest = {
      url: targetUrl(seat.replica.url, this.#request.path),
      headers: outgoingHeaders({
        // Some servers reject duplicate ids, and the first attempt may still be running there.
        id: this.count === 1 ? this.#request.id : `${this.#request.id}-${this.count}`,
        apiKey: options.apiKey,
        own: options.headers,
        given: this.#request.headers ?? {},
      }),
      bytes: this.body.bytes,
      limitMillis: this.#limitMillis,
    }
    const running: Running = {
      seat,
      leave,
      done: attempt(dispatcher, clock, request, leaving).then((outcome) => {
        for (const each of callOff) each()
        return { running, outcome }
      }),
    }
    return running
  }

  async #isTimeToHedge({ done }: Running): Promise<boolean> {
    const { options, clock } = this.#parts
    if (options.hedgeAfterMillis === undefined) return false
    const waiting = new AbortController()
    const isTime = clock.sleep(options.hedgeAfterMillis, waiting.signal).then(
      () => true,
      () => false,
    )
    const hedge = await Promise.race([done.then(() => false), isTime])
    waiting.abort(loser)
    return hedge
  }

  /** Never takes a slot from a waiting request. */
  #secondSeat(): Seat | undefined {
    const { admission, replicas, clock, counts } = this.#parts
    const replica = admission.waiting === 0 ? replicas.spare(clock.now(), this.#journey.tried) : undefined
    if (replica === undefined) return undefined
    counts.hedged += 1
    return { replica, ticket: replica.begin() }
  }

  /** Applies the outcome to the replica. A responding replica's slot stays taken until the last byte. */
  #settle({ replica, ticket }: Seat, outcome: Outcome): void {
    const { clock, logger, options } = this.#parts
    const now = clock.now()
    if (outcome.kind === 'answer') {
      replica.answered(ticket)
      return
    }
    const { failure, restMillis, error } = this.judge(outcome)
    if (outcome.kind === 'left') replica.calledOff(ticket, now)
    else if (failure !== undefined) replica.failed(ticket, failure, now)
    else replica.succeeded()
    if (restMillis !== undefined) replica.rest(now + restMillis, 'it has too much to do')
    if (failure !== undefined)
      logger.warn('a replica failed', {
        upstream: options.id,
        replica: replica.url,
        request: this.#request.id,
        attempt: this.count,
        why: error.message,
      })
    replica.released()
    this.#parts.admission.dispatch()
  }

  #abandon({ leave, done, seat }: Running): void {
    leave()
    void done.then(({ outcome }) => {
      if (outcome.kind !== 'answer') return this.#settle(seat, outcome)
      outcome.rest.end()
      this.#settle(seat, { kind: 'left' })
    })
  }

  get #limitMillis(): number {
    const { firstByteTimeoutMillis, answerTimeoutMillis } = this.#parts.options
    return this.body.stream ? firstByteTimeoutMillis : answerTimeoutMillis
  }
}
