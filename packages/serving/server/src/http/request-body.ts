/** Reads request bodies: strict UTF-8, strict JSON, and a bounded drain of rejected ones. */

import type { IncomingMessage } from 'node:http'
import { type Clock, messageOf } from '@hadal/base'
import type { FastifyReply } from 'fastify'
import { bodyTooLarge, clientGone, invalidUtf8, malformedHttp, malformedJson } from '../errors.ts'
import { JsonBounds } from './json-bounds.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads a request's body as JSON. Also throws `invalid_request`, as soon as the structure exceeds a bound. */
export async function readJsonBody(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const bounds = new JsonBounds()
  return parseJson(await readBody(request, limitBytes, (piece) => bounds.take(piece)))
}

/** Like `readJsonBody`, for bytes that were read already. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  new JsonBounds().take(bytes)
  return parseJson(bytes)
}

function parseJson(bytes: Uint8Array): unknown {
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

/**
 * Reads a whole body; `check` sees each piece as it arrives, and may throw. Throws `body_too_large` as soon as its declared or received
 * length exceeds the limit, and `malformed_http` if the two differ.
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  check: (piece: Buffer) => void = () => {},
): Promise<Buffer> {
  const declared = request.headers['content-length']
  if (declared !== undefined && Number(declared) > limitBytes) throw bodyTooLarge(limitBytes)
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let received = 0
    const stop = (): void => {
      request.off('data', take).off('end', end).off('error', fail).off('close', close)
    }
    const fail = (error: Error): void => {
      stop()
      reject(error)
    }
    const take = (piece: Buffer): void => {
      try {
        received += piece.length
        if (received > limitBytes) throw bodyTooLarge(limitBytes)
        check(piece)
        pieces.push(piece)
      } catch (thrown) {
        fail(thrown as Error)
      }
    }
    const end = (): void => {
      stop()
      if (declared === undefined || Number(declared) === received) resolve(Buffer.concat(pieces, received))
      else reject(malformedHttp(`${received} bytes came, where ${declared} were announced`))
    }
    const close = (): void => fail(clientGone())
    request.on('data', take).on('end', end).on('error', fail).on('close', close)
  })
}

const discardBytes = 64 * 1024 * 1024
const discardMillis = 5_000

/**
 * Drains the rest of a rejected body, up to a bound: many clients read the response only after sending everything and would otherwise see a
 * reset connection.
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
