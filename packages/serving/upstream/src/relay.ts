/** Relays one request: a slot, an attempt, and retries until the first byte. There are no retries after that. */

import { AnswerBody } from './answer-body.ts'
import { type Answered, Attempts } from './attempts.ts'
import type { Journey, RelayParts, Seat } from './journey.ts'
import type { Verdict } from './judge.ts'
import { promptPrefix } from './route/prompt-prefix.ts'
import type { RelayAnswer, RelayRequest } from './upstream.ts'
import { AnswerScanner } from './wire/answer-scanner.ts'
import { incomingHeaders } from './wire/headers.ts'

const firstBackoffMillis = 50

/** Endpoints whose prompts leave no reusable prefix. */
const keepsNothing = /\/(embeddings|rerank|score|classify)$/

export class Relay {
  readonly #parts: RelayParts
  readonly #request: RelayRequest
  readonly #signal: AbortSignal
  readonly #journey: Journey
  readonly #startedAt: number
  readonly #attempts: Attempts
  #heldMillis = 0

  constructor(parts: RelayParts, request: RelayRequest, signal: AbortSignal) {
    const { routing, prefixBlockChars } = parts.options
    this.#parts = parts
    this.#request = request
    this.#signal = signal
    this.#startedAt = parts.clock.now()
    this.#journey = {
      tried: new Set(),
      prompt:
        routing === 'prefix' && !keepsNothing.test(request.path)
          ? promptPrefix(request.body, prefixBlockChars)
          : undefined,
    }
    this.#attempts = new Attempts(parts, request, this.#journey, signal)
  }

  async run(): Promise<RelayAnswer> {
    const { admission } = this.#parts
    const guess = this.#tokensGuessed()
    let seat = await this.#seated(
      admission.enter(this.#journey, this.#request.scheduling ?? {}, guess, this.#signal),
    )
    try {
      for (let retriesLeft = this.#parts.options.retries; ; ) {
        const { seat: last, outcome } = await this.#attempts.ask(seat)
        if (outcome.kind === 'answer') return this.#answer(last, outcome, guess)
        this.#signal.throwIfAborted()
        const verdict = this.#attempts.judge(outcome)
        retriesLeft -= this.#costOf(verdict)
        if (!verdict.mayRetry || retriesLeft < 0 || this.#isTooLate()) throw verdict.error
        seat = await this.#seatAgain(verdict)
      }
    } catch (thrown) {
      admission.left(this.#journey, { tokens: -guess })
      throw thrown
    }
  }

  /** In retries. Held requests keep retrying while replicas come up and refuse connections. */
  #costOf({ isFree }: Verdict): number {
    const { replicas, clock, admission } = this.#parts
    const mayWait = admission.holds(this.#journey) || replicas.hasUntried(clock.now(), this.#journey.tried)
    return isFree && mayWait ? 0 : 1
  }

  async #seatAgain({ error }: Verdict): Promise<Seat> {
    const { replicas, clock, admission, counts } = this.#parts
    const now = clock.now()
    if (replicas.places(now).total === 0 && !admission.holds(this.#journey)) throw error
    if (!replicas.hasUntried(now, this.#journey.tried)) {
      // All replicas were tried: back off before trying again.
      await clock.sleep(firstBackoffMillis * this.#attempts.count * (0.5 + Math.random()), this.#signal)
    }
    counts.retried += 1
    return this.#seated(admission.enterAgain(this.#journey, this.#signal))
  }

  /** Adds the waiting time if no replica is healthy. */
  async #seated(entering: Promise<Seat>): Promise<Seat> {
    const { replicas, clock } = this.#parts
    const since = clock.now()
    const isHeld = replicas.places(since).total === 0
    const seat = await entering
    if (isHeld) this.#heldMillis += clock.now() - since
    return seat
  }

  #answer(seat: Seat, { status, headers, first, rest }: Answered, guess: number): RelayAnswer {
    const { options, clock, admission, replicas, counts, logger } = this.#parts
    const { replica, ticket } = seat
    const { stream, hidesUsage } = this.#attempts.body
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
        // The length of a stream may change.
        ...(typeof length === 'string' && !stream && { 'content-length': length }),
      },
      body,
      replica: replica.url,
      attempts: this.#attempts.count,
      heldMillis: this.#heldMillis,
      usage: body.usage,
    }
  }

  #isTooLate(): boolean {
    const { deadlineMillis } = this.#request.scheduling ?? {}
    return deadlineMillis !== undefined && this.#parts.clock.now() - this.#startedAt >= deadlineMillis
  }

  /** Estimated cost until the usage is known. */
  #tokensGuessed(): number {
    const { body } = this.#request
    const most = [body.max_completion_tokens, body.max_tokens, body.max_output_tokens].find(
      (each) => typeof each === 'number' && each > 0,
    )
    return (
      Math.ceil(this.#attempts.body.bytes.length / 4) + Math.min(1024, (most as number | undefined) ?? 256)
    )
  }
}
