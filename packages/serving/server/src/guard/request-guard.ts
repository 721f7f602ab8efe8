/**
 * The guard between a request and the models: what it says is screened, and what becomes of it is written on its call. Holds
 * what screens now, which may change while the server runs, and the texts that it let through.
 */

import type { Clock, Logger } from '@hadal/base'
import { makeCanary } from '@hadal/guard'
import type { Telemetry } from '@hadal/telemetry'
import type { FastifyRequest } from 'fastify'
import type { Call } from '../answer/answer-call.ts'
import { clientOf } from '../api-keys.ts'
import { networkOf } from '../http/client-address.ts'
import type { FixedAnswer } from './fixed-answer.ts'
import { GuardReporter } from './guard-reporter.ts'
import { type GuardCaller, screenRequest } from './screen-request.ts'
import { ScreenedBefore } from './screened-before.ts'
import type { Guarding } from './server-guard.ts'

/** Says `blocked` or `redacted`, and nothing of why. */
export const guardHeader = 'x-hadal-guard'

export interface RequestGuardOptions {
  /** Whether requests have shown a key that is one; else what they send as such says nothing of them. */
  readonly asksForKeys: () => boolean
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

export class RequestGuard implements Disposable {
  readonly #asksForKeys: () => boolean
  readonly #clock: Clock
  readonly #reporter: GuardReporter
  /** The same for as long as the process lives. */
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

  /** From the next request on. Also where the same guard has another policy: what was let through may not be now. */
  change(guarding: Guarding | undefined): void {
    this.#now = guarding
    this.#before = new ScreenedBefore()
  }

  /**
   * Undefined where the request goes on: with the body and the watch that its call has then. Else what it is answered. Throws
   * what `screenRequest` throws.
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

/** A key of an account by its name; one of the config by its digest; whoever has none by where they come from. */
function callerOf({ caller, headers, clientOrigin }: FastifyRequest, hasShownKey: boolean): GuardCaller {
  if (caller !== undefined) return { name: caller.name, id: caller.id }
  const client = hasShownKey ? clientOf(headers) : ''
  if (client !== '') return { name: client, id: client }
  const { address } = clientOrigin
  return { name: '', id: address === '' ? '' : `addr:${networkOf(address)}` }
}
