/** Reads request bodies: strict UTF-8, strict JSON, and a bounded drain of rejected ones. */

import type { IncomingMessage } from 'node:http'
import { type Clock, messageOf } from '@hadal/base'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { bodyTooLarge, clientGone, invalidUtf8, malformedHttp, malformedJson } from '../errors.ts'
import type { BodyBudget } from './body-budget.ts'
import { JsonBounds } from './json-bounds.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads a request's body as JSON. Also throws `invalid_request`, as soon as the structure exceeds a bound. */
export async function readJsonBody(request: FastifyRequest, limits: BodyLimits): Promise<unknown> {
  const bounds = new JsonBounds()
  return parseJson(await readBody(request, limits, (piece) => bounds.take(piece)))
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

export interface BodyLimits {
  readonly maxBytes: number
  readonly budget: BodyBudget
}

/**
 * Reads a whole body, which counts against the budget until the response ends; `check` sees each piece as it arrives, and may throw.
 * Throws `body_too_large` as soon as its declared or received length exceeds the limit, `malformed_http` if the two differ, and
 * `too_many_bodies`.
 */
export async function readBody(
  request: FastifyRequest,
  { maxBytes, budget }: BodyLimits,
  check: (piece: Buffer) => void = () => {},
): Promise<Buffer> {
  const { raw } = request
  const declared = raw.headers['content-length']
  if (declared !== undefined && Number(declared) > maxBytes) throw bodyTooLarge(maxBytes)
  return new Promise((resolve, reject) => {
    // Closures that outlive the reading share this variable: it is emptied when the reading ends.
    let pieces: Buffer[] = []
    let received = 0
    const stop = (): void => {
      raw.off('data', take).off('end', end).off('error', fail).off('close', close)
      pieces = []
    }
    const fail = (error: Error): void => {
      stop()
      held.release()
      reject(error)
    }
    const held = budget.open(fail)
    request.heldBody = held
    const take = (piece: Buffer): void => {
      try {
        received += piece.length
        if (received > maxBytes) throw bodyTooLarge(maxBytes)
        held.add(piece.length)
        check(piece)
        pieces.push(piece)
      } catch (thrown) {
        fail(thrown as Error)
      }
    }
    const end = (): void => {
      if (declared === undefined || Number(declared) === received) {
        const body = Buffer.concat(pieces, received)
        stop()
        held.complete()
        resolve(body)
      } else fail(malformedHttp(`${received} bytes came, where ${declared} were announced`))
    }
    const close = (): void => fail(clientGone())
    raw.on('data', take).on('end', end).on('error', fail).on('close', close)
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
