/**
 * One request to one replica, until the first byte of its response or a definite failure. Returns one of a few outcomes; never
 * throws.
 */

import { type Clock, messageOf } from '@hadal/base'
import type { Dispatcher } from 'undici'

export interface AttemptRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  /** Until the first byte. */
  readonly limitMillis: number
}

export type Bytes = AsyncIterator<Uint8Array> & { readonly end: () => void }

export type Outcome =
  /** `first` is undefined if the response is empty. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: ResponseHeaders
      readonly first: Uint8Array | undefined
      readonly rest: Bytes
    }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly headers: ResponseHeaders
      readonly text: string
    }
  /** `connect`: nothing was sent. `broken`: no byte arrived. `hung`: timeout. */
  | { readonly kind: 'failed'; readonly how: 'connect' | 'broken' | 'hung'; readonly why: string }
  | { readonly kind: 'left' }

export type ResponseHeaders = Dispatcher.ResponseData['headers']

/** For the body of an error response. */
const maxComplaintBytes = 64 * 1024

const noConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'EPROTO',
])

/** Abort `leaving` to cancel; times out after `limitMillis`. */
export async function attempt(
  dispatcher: Dispatcher,
  clock: Clock,
  { url, headers, bytes, limitMillis }: AttemptRequest,
  leaving: AbortController,
): Promise<Outcome> {
  const waiting = new AbortController()
  if (leaving.signal.aborted) return { kind: 'left' }
  let isHung = false
  clock.sleep(limitMillis, waiting.signal).then(
    // If this process was busy, check the sockets first: a byte may have arrived.
    () =>
      setImmediate(() => {
        if (waiting.signal.aborted) return
        isHung = true
        leaving.abort(hung)
      }),
    () => {},
  )
  try {
    const { origin, pathname, search } = new URL(url)
    const answer = await dispatcher.request({
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      headers,
      body: bytes,
      signal: leaving.signal,
      // Timeouts are handled here.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const { statusCode: status, headers: responseHeaders, body } = answer
    if (status < 200 || status > 299)
      return { kind: 'refused', status, headers: responseHeaders, text: await prefixOf(body) }
    const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    const first = await iterator.next()
    const rest: Bytes = {
      next: () => iterator.next(),
      // The remaining body is discarded.
      end: () => void body.on('error', () => {}).destroy(),
    }
    const firstByte = first.done === true ? undefined : first.value
    return { kind: 'answer', status, headers: responseHeaders, first: firstByte, rest }
  } catch (thrown) {
    if (isHung) return { kind: 'failed', how: 'hung', why: `no byte came within ${limitMillis} ms` }
    if (leaving.signal.aborted) return { kind: 'left' }
    return { kind: 'failed', how: isNoConnection(thrown) ? 'connect' : 'broken', why: reasonOf(thrown) }
  } finally {
    waiting.abort(over)
  }
}

const hung = 'no byte came in time'
/** Without a reason, every abort would create an error with a stack. */
const over = 'the first byte is there'

async function prefixOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      pieces.push(piece)
      length += piece.length
      if (length >= maxComplaintBytes) break
    }
  } catch {
    // The outcome is enough.
  }
  return Buffer.concat(pieces).subarray(0, maxComplaintBytes).toString('utf8')
}

function isNoConnection(thrown: unknown): boolean {
  const { code = '' } = (thrown ?? {}) as { code?: string }
  return noConnection.has(code) || code.startsWith('ERR_TLS') || code.startsWith('CERT_')
}

/** Without addresses, which socket errors contain. */
export function reasonOf(thrown: unknown): string {
  const { code, errors } = (thrown ?? {}) as { code?: string; errors?: readonly unknown[] }
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0])
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was reset',
    EPIPE: 'the connection was broken',
    ENOTFOUND: 'its name is not known',
    EAI_AGAIN: 'its name could not be looked up',
    ETIMEDOUT: 'the connection timed out',
    UND_ERR_CONNECT_TIMEOUT: 'it could not be connected to in time',
    UND_ERR_SOCKET: 'the connection was closed',
    UND_ERR_ABORTED: 'the connection was closed',
  }
  return words[code ?? ''] ?? (code === undefined ? messageOf(thrown) : `the connection failed (${code})`)
}
