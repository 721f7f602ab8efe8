/**
 * Queries Prometheus, or compatible HTTP APIs: Thanos, Mimir, VictoriaMetrics. Error responses are summarised for the decision log.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */

import { readFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { scaleTokenUnreadable } from '../errors.ts'
import { within } from '../within.ts'

export interface PrometheusOptions {
  /** May have a path, and a name with a password, which goes into a header and into no message. */
  readonly url: string
  /** Read for each question, since tokens are replaced. */
  readonly tokenFile?: string | undefined
  readonly timeoutMillis: number
}

/** A series with one sample, or with one for each step. Values are as Prometheus writes them, which may be NaN. */
export interface Series {
  readonly value?: readonly [seconds: number, value: string]
  readonly values?: readonly (readonly [seconds: number, value: string])[]
}

export type Answer = { readonly series: readonly Series[] } | { readonly issue: string }

export interface Prometheus {
  /** Never rejects but with the signal's reason. */
  query(promql: string, signal: AbortSignal): Promise<Answer>
  queryRange(
    promql: string,
    range: { readonly fromSeconds: number; readonly toSeconds: number; readonly stepSeconds: number },
    signal: AbortSignal,
  ): Promise<Answer>
}

/** A range of four weeks has some hundred thousand characters. */
const maxBytes = 8 * 2 ** 20

export function prometheusAt(options: PrometheusOptions): Prometheus {
  const { base, basic } = withoutCredentials(options.url)
  const ask = async (path: string, query: Record<string, string>, signal: AbortSignal): Promise<Answer> => {
    const send = async (limited: AbortSignal): Promise<Answer> => {
      const response = await fetch(`${base}/api/v1/${path}`, {
        method: 'POST',
        body: new URLSearchParams(query),
        headers: { accept: 'application/json', ...authorization(options.tokenFile, basic) },
        signal: limited,
      })
      return answerOf(response.status, await textOf(response))
    }
    try {
      return await within(options.timeoutMillis, signal, send)
    } catch (thrown) {
      signal.throwIfAborted()
      return { issue: `Prometheus does not respond: ${whyNot(thrown, options.timeoutMillis)}` }
    }
  }
  return {
    query: (promql, signal) => ask('query', { query: promql }, signal),
    queryRange: (promql, { fromSeconds, toSeconds, stepSeconds }, signal) =>
      ask(
        'query_range',
        { query: promql, start: String(fromSeconds), end: String(toSeconds), step: String(stepSeconds) },
        signal,
      ),
  }
}

/** As it may be shown. */
export const shownUrl = (url: string): string => withoutCredentials(url).base

function withoutCredentials(given: string): { readonly base: string; readonly basic: string | undefined } {
  const url = new URL(given)
  const { username, password } = url
  url.username = url.password = ''
  const base = url.href.replace(/\/+$/, '')
  if (username === '' && password === '') return { base, basic: undefined }
  const pair = `${decoded(username)}:${decoded(password)}`
  return { base, basic: Buffer.from(pair).toString('base64') }
}

/** A literal % is kept unchanged. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function authorization(tokenFile: string | undefined, basic: string | undefined): Record<string, string> {
  if (tokenFile !== undefined) return { authorization: `Bearer ${readToken(tokenFile)}` }
  return basic === undefined ? {} : { authorization: `Basic ${basic}` }
}

/** Throws `scale_token_unreadable`. */
export function readToken(path: string): string {
  let token: string
  try {
    token = readFileSync(path, 'utf8').trim()
  } catch (thrown) {
    throw scaleTokenUnreadable(path, messageOf(thrown))
  }
  if (!/^[\x21-\x7e]+$/.test(token)) throw scaleTokenUnreadable(path, 'it contains no valid token')
  return token
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('the response is larger than 8 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface Body {
  readonly status?: unknown
  readonly error?: unknown
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown }
}

export function answerOf(status: number, text: string): Answer {
  const body = parsed(text)
  if (body?.status === 'error') return { issue: `Prometheus rejected the query: ${shown(body.error)}` }
  if (status === 401 || status === 403)
    return { issue: `Prometheus rejected the credentials (${status}); check the token` }
  if (status >= 300) return { issue: `Prometheus returned status ${status}` }
  if (body === undefined)
    return { issue: `the server does not look like Prometheus; it returned: ${shown(text)}` }
  const { resultType, result } = body.data ?? {}
  if (body.status !== 'success' || !Array.isArray(result))
    return { issue: `the server does not look like Prometheus; it returned: ${shown(text)}` }
  if (resultType === 'scalar') return { series: [{ value: result as unknown as [number, string] }] }
  if (!result.every(isSeries))
    return { issue: `the server does not look like Prometheus; it returned: ${shown(text)}` }
  return { series: result }
}

const isSeries = (given: unknown): given is Series => {
  const { value, values } = (given ?? {}) as Partial<Record<keyof Series, unknown>>
  return Array.isArray(value) || (Array.isArray(values) && values.every((each) => Array.isArray(each)))
}

function parsed(text: string): Body | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Body) : undefined
  } catch {
    return undefined
  }
}

const shown = (text: unknown): string => {
  const line = String(text)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (line === '') return 'no response'
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`
}

function whyNot(thrown: unknown, timeoutMillis: number): string {
  if (thrown instanceof Error && thrown.name === 'TimeoutError')
    return `no response within ${timeoutMillis / 1000} s`
  const cause = thrown instanceof Error ? thrown.cause : undefined
  const code = (cause as { code?: unknown } | undefined)?.code
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name does not resolve'
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'the connection was closed'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'the host is unreachable'
    default:
      return messageOf(cause ?? thrown)
  }
}
