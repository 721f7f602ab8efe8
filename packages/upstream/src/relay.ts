/**
 * One request on its way: a place in line, an attempt, and others while no byte has come; a second one beside the first where
 * that takes too long and hedging is asked for. From the first byte on there is no other attempt. Whoever loses is left.
 */

import { type Clock, type Logger, onAbort } from '@hadal/base'
import type { Dispatcher } from 'undici'
import type { Admission } from './admission.ts'
import { AnswerBody } from './answer-body.ts'
import { type AttemptRequest, attempt, type Outcome } from './attempt.ts'
import { judge, type Verdict } from './judge.ts'
import type { ResolvedOptions } from './options.ts'
import type { AttemptTicket, Replica } from './replica.ts'
import type { ReplicaSet } from './replica-set.ts'
import { type PromptPrefix, promptPrefix } from './route/prompt-prefix.ts'
import type { RelayAnswer, RelayRequest } from './upstream.ts'
import { AnswerScanner } from './wire/answer-scanner.ts'
import { incomingHeaders, outgoingHeaders } from './wire/headers.ts'
import { type OutgoingBody, outgoingBody } from './wire/request-body.ts'
import { targetUrl } from './wire/target-url.ts'

/** A request while it looks for its answer. */
export interface Journey {
  /** Base URLs that were asked. */
  readonly tried: Set<string>
  readonly prompt: PromptPrefix | undefined
}

/** A place at a replica. */
export interface Seat {
  readonly replica: Replica
  readonly ticket: AttemptTicket
}

export interface RelayCounts {
  relayed: number
  retried: number
  hedged: number
  interrupted: number
}

export interface RelayParts {
  readonly options: ResolvedOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly dispatcher: Dispatcher
  readonly replicas: ReplicaSet
  readonly admission: Admission<Journey, Seat>
  readonly counts: RelayCounts
}

interface Running {
  readonly seat: Seat
  readonly leave: () => void
  readonly done: Promise<{ readonly running: Running; readonly outcome: Outcome }>
}

type Answered = Extract<Outcome, { kind: 'answer' }>

const firstBackoffMillis = 50

/** Beginnings of texts that are only read are of no use to others. */
const keepsNothing = /\/(embeddings|rerank|score|classify)$/

const loser = 'another replica answered first'

export class Relay {
  readonly #parts: RelayParts
  readonly #request: RelayRequest
  readonly #signal: AbortSignal
  readonly #body: OutgoingBody
  readonly #journey: Journey
  readonly #startedAt: number
  #attempts = 0

  constructor(parts: RelayParts, request: RelayRequest, signal: AbortSignal) {
    const { model, askUsage, routing, prefixBlockChars } = parts.options
    this.#parts = parts
    this.#request = request
    this.#signal = signal
    this.#startedAt = parts.clock.now()
    this.#body = outgoingBody(request.body, { path: request.path, model, askUsage })
    this.#journey = {
      tried: new Set(),
      prompt:
        routing === 'prefix' && !keepsNothing.test(request.path)
          ? promptPrefix(request.body, prefixBlockChars)
          : undefined,
    }
  }

  async run(): Promise<RelayAnswer> {
    const { admission } = this.#parts
    const guess = this.#tokensGuessed()
    let seat = await admission.enter(this.#journey, this.#request.scheduling ?? {}, guess, this.#signal)
    try {
      for (let retriesLeft = this.#parts.options.retries; ; ) {
        const { running, outcome } = await this.#firstToEnd(seat)
        if (outcome.kind === 'answer') return this.#answer(running.seat, outcome, guess)
        this.#signal.throwIfAborted()
        const verdict = this.#judge(outcome)
        retriesLeft -= this.#costOf(verdict)
        if (!verdict.mayRetry || retriesLeft < 0 || this.#isTooLate()) throw verdict.error
        seat = await this.#seatAgain(verdict)
      }
    } catch (thrown) {
      admission.left(this.#journey, { tokens: -guess })
      throw thrown
    }
  }

  /** The answer; or the last failure, when none of those that were asked has one. */
  async #firstToEnd(seat: Seat): Promise<{ running: Running; outcome: Outcome }> {
    const running = new Set([this.#begin(seat)])
    if (await this.#isTimeToHedge([...running][0]!)) {
      const second = this.#secondSeat()
      if (second !== undefined) running.add(this.#begin(second))
    }
    for (;;) {
      const ended = await Promise.race([...running].map(({ done }) => done))
      running.delete(ended.running)
      const isSettled =
        ended.outcome.kind === 'answer' || running.size === 0 || !this.#judge(ended.outcome).mayRetry
      this.#settle(ended.running.seat, ended.outcome)
      if (!isSettled) continue
      for (const other of running) this.#abandon(other)
      return ended
    }
  }

  #begin(seat: Seat): Running {
    const { clock, dispatcher, options } = this.#parts
    const leaving = new AbortController()
    const leave = (): void => leaving.abort(loser)
    const callOff = [onAbort(this.#signal, leave), seat.replica.onDown(leave)]
    if (this.#signal.aborted) leave()
    this.#attempts += 1
    this.#journey.tried.add(seat.replica.url)
    const request: AttemptRequest = {
      url: targetUrl(seat.replica.url, this.#request.path),
      headers: outgoingHeaders({
        // Some servers take no id twice, and a first attempt may not be over for them.
        id: this.#attempts === 1 ? this.#request.id : `${this.#request.id}-${this.#attempts}`,
        apiKey: options.apiKey,
        own: options.headers,
        given: this.#request.headers ?? {},
      }),
      bytes: this.#body.bytes,
      limitMillis: this.#limitMillis,
    }
    const running: Running = {
      seat,
      leave,
      done: attempt(dispatcher, clock, request, leaving.signal).then((outcome) => {
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

  /** Never the place of somebody who waits. */
  #secondSeat(): Seat | undefined {
    const { admission, replicas, clock, counts } = this.#parts
    const replica = admission.waiting === 0 ? replicas.spare(clock.now(), this.#journey.tried) : undefined
    if (replica === undefined) return undefined
    counts.hedged += 1
    return { replica, ticket: replica.begin() }
  }

  /** What its end means for the replica. Whoever answers keeps its place until the last byte. */
  #settle({ replica, ticket }: Seat, outcome: Outcome): void {
    const { clock, logger, options } = this.#parts
    const now = clock.now()
    if (outcome.kind === 'answer') {
      replica.answered(ticket)
      return
    }
    const { failure, restMillis, error } = this.#judge(outcome)
    if (outcome.kind === 'left') replica.calledOff(ticket, now)
    else if (failure !== undefined) replica.failed(ticket, failure, now)
    else replica.succeeded()
    if (restMillis !== undefined) replica.rest(now + restMillis, 'it has too much to do')
    if (failure !== undefined)
      logger.warn('a replica failed', {
        upstream: options.id,
        replica: replica.url,
        request: this.#request.id,
        attempt: this.#attempts,
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

  #judge(outcome: Exclude<Outcome, Answered>): Verdict {
    const { options, clock } = this.#parts
    return judge(outcome, {
      id: options.id,
      limitMillis: this.#limitMillis,
      wallClock: clock.wallClock(),
      secrets: [...(options.apiKey === undefined ? [] : [options.apiKey]), ...Object.values(options.headers)],
    })
  }

  /** In retries. */
  #costOf({ isFree }: Verdict): number {
    const { replicas, clock } = this.#parts
    return isFree && replicas.hasUntried(clock.now(), this.#journey.tried) ? 0 : 1
  }

  async #seatAgain({ error }: Verdict): Promise<Seat> {
    const { replicas, clock, admission, counts } = this.#parts
    const now = clock.now()
    if (replicas.places(now).total === 0) throw error
    if (!replicas.hasUntried(now, this.#journey.tried)) {
      // All were asked: who failed a moment ago is given a moment.
      await clock.sleep(firstBackoffMillis * this.#attempts * (0.5 + Math.random()), this.#signal)
    }
    counts.retried += 1
    return admission.enterAgain(this.#journey, this.#signal)
  }

  #answer(seat: Seat, { status, headers, first, rest }: Answered, guess: number): RelayAnswer {
    const { options, clock, admission, replicas, counts, logger } = this.#parts
    const { replica, ticket } = seat
    const { stream, hidesUsage } = this.#body
    admission.gaveFirst(this.#journey)
    if (this.#journey.prompt !== undefined)
      replicas.router.learn(
        this.#journey.prompt,
        replica.url,
        (url) => replicas.get(url)?.isWell(clock.now()) === true,
      )
    counts.relayed += 1
    const length = headers['content-length']
    const body = new AnswerBody({
      id: options.id,
      clock,
      first,
      rest,
      scanner: new AnswerScanner({ stream, hidesUsage }),
      idleTimeoutMillis: options.idleTimeoutMillis,
      signal: this.#signal,
      onEnd: (how, usage) => {
        if (how === 'served') replica.succeeded()
        if (how === 'cut') {
          counts.interrupted += 1
          replica.failed(ticket, 'an answer was cut', clock.now())
          logger.warn('an answer was cut', {
            upstream: options.id,
            replica: replica.url,
            request: this.#request.id,
          })
        }
        replica.released()
        const tokens = usage === undefined ? 0 : usage.promptTokens + usage.completionTokens - guess
        admission.left(this.#journey, { tokens, isServed: how === 'served' })
      },
    })
    return {
      status,
      headers: {
        ...incomingHeaders(headers),
        ...(typeof length === 'string' && !hidesUsage && { 'content-length': length }),
      },
      body,
      replica: replica.url,
      attempts: this.#attempts,
      usage: body.usage,
    }
  }

  get #limitMillis(): number {
    const { firstByteTimeoutMillis, answerTimeoutMillis } = this.#parts.options
    return this.#body.stream ? firstByteTimeoutMillis : answerTimeoutMillis
  }

  #isTooLate(): boolean {
    const { deadlineMillis } = this.#request.scheduling ?? {}
    return deadlineMillis !== undefined && this.#parts.clock.now() - this.#startedAt >= deadlineMillis
  }

  /** What serving it may cost, until its usage tells. */
  #tokensGuessed(): number {
    const { body } = this.#request
    const most = [body.max_completion_tokens, body.max_tokens, body.max_output_tokens].find(
      (each) => typeof each === 'number' && each > 0,
    )
    return Math.ceil(this.#body.bytes.length / 4) + Math.min(1024, (most as number | undefined) ?? 256)
  }
}
