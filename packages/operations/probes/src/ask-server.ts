/** One question to a running server, over HTTP, with limits on time and size. */

import { type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { formatMillis, messageOf } from '@hadal/base'
import type { RawReading } from '@hadal/doctor'

export interface Asked {
  /** `http://127.0.0.1:8080`, without a path of the API. */
  readonly base: URL
  readonly key: string | undefined
  readonly ca: string | undefined
  readonly signal?: AbortSignal | undefined
}

const largestAnswer = 8 * 2 ** 20

/** Any status but 2xx is `exited`, with the body. Redirects are not followed. Does not reject. */
export function askServer(
  path: string,
  limitMillis: number,
  { base, key, ca, signal }: Asked,
): Promise<RawReading> {
  return new Promise((resolve) => {
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}${path}`, base)
    const start = url.protocol === 'https:' ? requestHttps : requestHttp
    const pieces: Buffer[] = []
    let bytes = 0
    const body = (): string => Buffer.concat(pieces).toString('utf8')
    const end = (reading: RawReading): void => {
      clearTimeout(limit)
      signal?.removeEventListener('abort', late)
      resolve(reading)
      request?.destroy()
    }
    const late = (): void =>
      end({
        failed: 'timed-out',
        detail: signal?.aborted ? 'no time was left' : `no response within ${formatMillis(limitMillis)}`,
        ...(bytes > 0 && { text: body() }),
      })
    const limit = setTimeout(late, limitMillis)
    let request: ClientRequest | undefined
    const ask = (): ClientRequest =>
      start(
        url,
        {
          method: 'GET',
          agent: false,
          headers: {
            accept: '*/*',
            'user-agent': 'hadal',
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
          },
          ...(ca !== undefined && { ca }),
        },
        (response) => {
          const status = response.statusCode ?? 0
          const isWell = status >= 200 && status < 300
          const whole = (isCut: boolean): void =>
            end(
              isWell
                ? { text: body(), ...(isCut && { isCut }) }
                : { failed: 'exited', detail: `HTTP ${status}`, ...(bytes > 0 && { text: body() }) },
            )
          response.on('data', (piece: Buffer) => {
            pieces.push(piece.subarray(0, Math.max(0, largestAnswer - bytes)))
            bytes += piece.length
            if (bytes >= largestAnswer) whole(true)
          })
          response.once('end', () => whole(false))
          response.once('error', () =>
            end({ failed: 'unreadable', detail: 'the response was cut off', text: body() }),
          )
        },
      )
    // An invalid certificate, for example, is reported at once.
    try {
      request = ask()
    } catch (thrown) {
      end({ failed: 'unreadable', detail: messageOf(thrown) })
      return
    }
    request.once('error', (thrown: NodeJS.ErrnoException) => end(notAnswered(thrown)))
    signal?.addEventListener('abort', late, { once: true })
    if (signal?.aborted) late()
    else request.end()
  })
}

function notAnswered({ code = '', message }: NodeJS.ErrnoException): RawReading {
  if (code === 'ECONNREFUSED') return { failed: 'absent', detail: 'connection refused' }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { failed: 'absent', detail: 'the host name does not resolve' }
  if (/CERT|SIGNATURE|ALTNAME|TLS|SSL|ISSUER/.test(code))
    return {
      failed: 'refused',
      detail: `its certificate is not trusted (${code}); pass its CA with --ca-file`,
    }
  return { failed: 'unreadable', detail: code === 'ECONNRESET' ? 'the connection was closed' : message }
}
