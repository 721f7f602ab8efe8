/** Bodies in: strict UTF-8, strict JSON, and a bounded politeness to clients that send more than will be read. */

import type { IncomingMessage } from 'node:http'
import { type Clock, messageOf } from '@hadal/base'
import type { FastifyReply } from 'fastify'
import { invalidUtf8, malformedJson } from './errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

export function parseJsonBody(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw invalidUtf8()
  }
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw malformedJson(messageOf(thrown))
  }
}

const discardBytes = 64 * 1024 * 1024
const discardMillis = 5_000

/**
 * Reads the rest of a refused body and throws it away, up to a bound: many clients look at the answer only after they
 * have sent everything, and a closed connection would be all they see.
 */
export async function discardBody(
  request: IncomingMessage,
  reply: FastifyReply,
  clock: Clock,
): Promise<void> {
  if (request.complete || request.readableEnded || request.destroyed) return
  reply.header('connection', 'close')
  const done = new AbortController()
  const ended = new Promise<void>((resolve) => {
    let discarded = 0
    request.on('data', (piece: Uint8Array) => {
      discarded += piece.length
      if (discarded > discardBytes) resolve()
    })
    request.once('end', resolve)
    request.once('close', resolve)
  })
  await Promise.race([ended, clock.sleep(discardMillis, done.signal)]).finally(() => done.abort())
}
