/** One request that is being answered by one model after another, until one of them does. Knows no dialect. */

import { type Clock, type HadalError, isHadalError, type LogFields, messageOf } from '@hadal/base'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OutputWatch } from '../guard/output-watch.ts'
import type { ServerLimits } from '../http/limits.ts'
import type { InFlight } from '../in-flight.ts'
import { KeepAlive } from './keep-alive.ts'
import { sayNothing } from './response-head.ts'
import type { Outlook } from './wake-outlook.ts'

/** One request on its way to an answer. While it waits, its connection hears something now and then. */
export class Call implements Disposable {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
  /** Tokens are generated for it; else texts are read. */
  readonly generates: boolean
  /** It is answered by events. */
  readonly streams: boolean
  /** Of the request, as models get it: the guard may have changed it. */
  body: unknown
  /** What is looked for in what models write. */
  output: OutputWatch | undefined
  /** Something that only one model can have said is on the wire. */
  said = false
  /** Nothing may be written between what is written. */
  quiet = false
  /** An event without meaning, where a comment will not do. */
  keepAlive: string | undefined
  /** What is waited for, said with the next sign of life. */
  outlook: (() => Outlook | undefined) | undefined
  /** How the events end when that fails. */
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

  /** Something was written. */
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

/** The body, for another model than it names. */
export const bodyFor = (body: unknown, model: string | undefined): unknown =>
  model === undefined || typeof body !== 'object' || body === null ? body : { ...body, model }

/**
 * Asks each model of a chain in turn, the next one where the one before could not answer and said nothing. Throws what the last
 * one throws.
 */
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

/** Not what a client did wrong, nor what another model cannot do better: it was busy, late, broken or away. */
function mayAskAnother(thrown: unknown): boolean {
  if (!isHadalError(thrown)) return false
  const { code, status } = thrown
  // A server that was said to have a model, and has it no longer.
  const isGone = code === 'upstream_refused' && status === 404
  return isGone || status === 429 || (status >= 500 && status !== 501)
}
