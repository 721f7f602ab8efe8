/**
 * Screens requests and records the outcome on the call. Holds the active guard, which can change at runtime, and a cache of texts that
 * passed.
 */

import type { Clock, Logger } from '@hadal/base'
import { makeCanary } from '@hadal/guard'
import type { Telemetry } from '@hadal/telemetry'
import type { FastifyRequest } from 'fastify'
import type { Call } from '../answer/answer-call.ts'
import { clientOf } from '../api-keys.ts'
import { networkOf } from '../http/client-address.ts'
import type { FixedAnswer } from './fixed-answer.ts'
import { type GuardCaller, GuardReporter } from './guard-reporter.ts'
import { screenRequest } from './screen-request.ts'
import { ScreenedBefore } from './screened-before.ts'
import type { Guarding } from './server-guard.ts'

/** Value is `blocked` or `redacted`; the reason is not revealed. */
export const guardHeader = 'x-hadal-guard'

export interface RequestGuardOptions {
  /** Whether API keys are verified; if not, the key a client sends does not identify it. */
  readonly asksForKeys: () => boolean
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

export class RequestGuard implements Disposable {
  readonly #asksForKeys: () => boolean
  readonly #clock: Clock
  readonly #reporter: GuardReporter
  /** Fixed for the process lifetime. */
  readonly #canary: string = makeCanary()
  readonly #watching: Disposable
  #now: Guarding | undefined
  #before = new ScreenedBefore()

  constructor(guarding: Guarding | undefined, options: RequestGuardOptions) {
    const { asksForKeys, telemetry, clock, logger } = options
    this.#now = guarding
    this.#asksForKeys = asksForKeys
    this.#clock = clock
    this.#reporter = new GuardReporter(telemetry, logger, () => this.#now?.audit)
    this.#watching = telemetry.watchGuard(() => this.#now?.guard.budget?.locked(clock.now()).length ?? 0)
  }

  /** Undefined: nothing is screened. */
  get now(): Guarding | undefined {
    return this.#now
  }

  /** Takes effect from the next request. Also needed for a policy change on the same guard, because cached passes may no longer hold. */
  change(guarding: Guarding | undefined): void {
    this.#now = guarding
    this.#before = new ScreenedBefore()
  }

  /**
   * Undefined if the request continues, with the body and watch set on its call; otherwise the fixed response. Throws what `screenRequest`
   * throws.
   */
  async screen(call: Call): Promise<FixedAnswer | undefined> {
    const guarding = this.#now
    if (guarding === undefined) return undefined
    const { request, reply } = call
    const screening = await screenRequest(request.id, request.body, callerOf(request, this.#asksForKeys()), {
      guard: guarding.guard,
      before: this.#before,
      reporter: this.#reporter,
      canary: this.#canary,
      clock: this.#clock,
      signal: call.signal,
    })
    if (screening.kind === 'pass') {
      call.body = screening.body
      call.output = screening.output
      if (screening.isRedacted) reply.header(guardHeader, 'redacted')
      return undefined
    }
    if (screening.finishReason === 'content_filter') reply.header(guardHeader, 'blocked')
    return screening
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]()
  }
}

/** Account keys by name, config keys by digest, and requests without a key by client address. */
function callerOf({ caller, headers, clientOrigin }: FastifyRequest, hasShownKey: boolean): GuardCaller {
  if (caller !== undefined) return { name: caller.name, id: caller.id }
  const client = hasShownKey ? clientOf(headers) : ''
  if (client !== '') return { name: client, id: client }
  const { address } = clientOrigin
  return { name: '', id: address === '' ? '' : `addr:${networkOf(address)}` }
}
