/** One request, tried on a chain of models until one responds. Dialect-independent. */

import { type Clock, type HadalError, isHadalError, type LogFields, messageOf } from '@hadal/base'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OutputWatch } from '../guard/output-watch.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { InFlight } from '../in-flight.ts'
import { KeepAlive } from './keep-alive.ts'
import { sayNothing } from './response-head.ts'
import type { Outlook } from './wake-outlook.ts'

/** One request in progress. Sends keep-alives on its connection while it waits. */
export class Call implements Disposable {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Aborted when the client has disconnected. */
  readonly signal: AbortSignal
  /** True for generation; false for embedding and ranking. */
  readonly generates: boolean
  /** The response is an event stream. */
  readonly streams: boolean
  /** The request body for the model, possibly rewritten by the guard. */
  body: unknown
  /** What the guard watches for in the output. */
  output: OutputWatch | undefined
  /** Model output has been sent, so no other model can be tried. */
  said = false
  /** Suppresses keep-alives. */
  quiet = false
  /** A no-op event, for clients that do not accept SSE comments. */
  keepAlive: string | undefined
  /** What the request is waiting for; sent with the next keep-alive. */
  outlook: (() => Outlook | undefined) | undefined
  /** Formats the final event when the stream fails. */
  failure: ((error: HadalError) => string) | undefined
  readonly #silence: KeepAlive

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    { inFlight, clock, limits }: CallContext,
    generates: boolean,
  ) {
    const streams = generates && (request.body as { stream?: unknown } | null)?.stream === true
    this.request = request
    this.reply = reply
    this.body = request.body
    this.signal = inFlight.begin(reply.raw)
    this.generates = generates
    this.streams = streams
    this.#silence = new KeepAlive(clock, limits.keepAliveMillis, () => {
      if (this.quiet) return
      const outlook = this.outlook?.()
      if (outlook !== undefined && !reply.raw.headersSent) reply.headers(outlook.headers)
      sayNothing(reply, streams, this.keepAlive ?? outlook?.comment)
    })
  }

  /** Records that something was written. */
  heard(): void {
    this.#silence.heard()
  }

  [Symbol.dispose](): void {
    this.#silence[Symbol.dispose]()
  }
}

export interface CallContext {
  readonly inFlight: InFlight
  readonly clock: Clock
  readonly limits: ServerLimits
}

/** Copies the body with another model name. */
export const bodyFor = (body: unknown, model: string | undefined): unknown =>
  model === undefined || typeof body !== 'object' || body === null ? body : { ...body, model }

/** Tries each model of a chain in order; moves on if one fails before sending any output. Rethrows the last error. */
export async function firstToAnswer<Name, Answer>(
  chain: readonly Name[],
  call: Pick<Call, 'said' | 'signal'>,
  ask: (model: Name, at: number) => Promise<Answer>,
  onFallback: (fields: LogFields) => void,
): Promise<Answer> {
  for (let at = 0; ; at += 1) {
    try {
      return await ask(chain[at]!, at)
    } catch (thrown) {
      const isLast = at === chain.length - 1
      if (isLast || call.said || call.signal.aborted || !mayAskAnother(thrown)) throw thrown
      onFallback({ model: chain[at], next: chain[at + 1], why: messageOf(thrown) })
    }
  }
}

/** True for busy, timed-out, failed or unreachable models; false for client errors, which another model would return too. */
function mayAskAnother(thrown: unknown): boolean {
  if (!isHadalError(thrown)) return false
  const { code, status } = thrown
  // The upstream was expected to have the model but no longer does.
  const isGone = code === 'upstream_refused' && status === 404
  return isGone || status === 429 || (status >= 500 && status !== 501)
}
