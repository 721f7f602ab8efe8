/**
 * A request to an API server, with a timeout, and retries where they help: 429, 5xx, broken connections. Other failures become
 * errors with a remedy.
 */

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type Clock, messageOf, systemClock } from '@hadal/base'
import {
  clusterBusy,
  clusterCertificate,
  clusterConflict,
  clusterCredentials,
  clusterForbidden,
  clusterRefused,
  clusterTimeout,
  clusterUnauthorized,
  clusterUnreachable,
} from './errors.ts'
import type { KubeConnection } from './kube-connection.ts'

export interface KubeRequest {
  readonly method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'DELETE'
  /** With its query: `/api/v1/nodes?limit=500`. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  /** For errors: `Deployment hadal/hadal-engine`, `nodes`. */
  readonly about: string
}

export interface KubeRequestOptions {
  readonly timeoutMillis: number
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
}

const attempts = 4
const firstPauseMillis = 250
const longestPauseMillis = 10_000
const largestAnswer = 256 * 2 ** 20

/**
 * The body of an answer; undefined where nothing is there to be read or deleted. Throws `cluster_unreachable`, `cluster_timeout`, `cluster_certificate`,
 * `cluster_unauthorized`, `cluster_forbidden`, `cluster_refused`, `cluster_conflict` or `cluster_busy`, and the signal's reason.
 */
export async function askKube(
  connection: KubeConnection,
  request: KubeRequest,
  options: KubeRequestOptions,
): Promise<unknown> {
  const { clock = systemClock, signal } = options
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === attempts
    const answer = await send(connection, request, options).catch((thrown: unknown) => {
      if (isLast || !isPassing(thrown)) throw asError(connection, thrown)
      return undefined
    })
    const code = answer?.code ?? 0
    if (answer !== undefined && code < 300) return answer.body
    if (code === 404 && (request.method === 'GET' || request.method === 'DELETE')) return undefined
    const isBusy =
      code === 429 ||
      (code >= 500 && !isUntyped(answer?.body)) ||
      (code === 409 && fieldConflicts(answer?.body).length === 0)
    if (answer !== undefined && (!isBusy || isLast)) throw refusalOf(connection, request, code, answer.body)
    const pause = Math.min(
      longestPauseMillis,
      (answer?.retryAfterSeconds ?? 0) * 1000 || firstPauseMillis * 2 ** (attempt - 1),
    )
    await clock.sleep(pause, signal)
  }
}

/**
 * A single attempt, whatever the response: for callers that need conflicts immediately, since a retry would use outdated state.
 * Throws `cluster_unreachable`, `cluster_timeout`, `cluster_certificate`, `cluster_credentials` and the signal's reason;
 * `refusalOf` converts a response to an error.
 */
export async function askKubeOnce(
  connection: KubeConnection,
  request: KubeRequest,
  options: KubeRequestOptions,
): Promise<{ readonly code: number; readonly body: unknown }> {
  return send(connection, request, options).catch((thrown: unknown) => {
    throw asError(connection, thrown)
  })
}

interface Answer {
  readonly code: number
  readonly body: unknown
  readonly retryAfterSeconds: number | undefined
}

async function send(
  connection: KubeConnection,
  request: KubeRequest,
  options: KubeRequestOptions,
): Promise<Answer> {
  const { server } = connection
  const signed = await signedInTime(connection, options)
  const body = request.body === undefined ? undefined : JSON.stringify(request.body)
  const base = server.pathname.replace(/\/$/, '')
  return new Promise((resolve, reject) => {
    const start = server.protocol === 'http:' ? requestHttp : requestHttps
    const sent = start({
      ...signed,
      method: request.method,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (server.protocol === 'http:' ? 80 : 443),
      path: `${base}${request.path}`,
      headers: {
        ...(signed.headers as Record<string, string> | undefined),
        accept: 'application/json',
        'user-agent': 'hadal',
        ...(body === undefined
          ? {}
          : {
              'content-type': request.contentType ?? 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
      },
    })
    const timer = setTimeout(() => {
      sent.destroy(
        clusterTimeout(server.href, `${request.method} ${request.about}`, options.timeoutMillis / 1000),
      )
    }, options.timeoutMillis)
    const stop = (): void => void sent.destroy(options.signal?.reason)
    const done = (): void => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', stop)
    }
    if (options.signal?.aborted) stop()
    options.signal?.addEventListener('abort', stop, { once: true })
    sent.on('error', (error) => {
      done()
      reject(options.signal?.aborted ? options.signal.reason : error)
    })
    sent.on('response', (response) =>
      readAnswer(response).then(
        (answer) => {
          done()
          resolve(answer)
        },
        (thrown: unknown) => {
          done()
          reject(options.signal?.aborted ? options.signal.reason : thrown)
        },
      ),
    )
    sent.end(body)
  })
}

/** A credential plugin may wait for the user to log in. */
async function signedInTime(
  connection: KubeConnection,
  { timeoutMillis, signal }: KubeRequestOptions,
): Promise<Awaited<ReturnType<KubeConnection['sign']>>> {
  signal?.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const why = `no response within ${timeoutMillis / 1000} s`
    timer = setTimeout(() => reject(clusterCredentials(connection.server.href, why)), timeoutMillis)
    stop = () => reject(signal?.reason)
    signal?.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([connection.sign(), late])
  } finally {
    clearTimeout(timer)
    if (stop !== undefined) signal?.removeEventListener('abort', stop)
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length
    if (bytes > largestAnswer) throw new Error('the answer is larger than 256 MiB')
    chunks.push(chunk as Buffer)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const retryAfter = Number(response.headers['retry-after'])
  return {
    code: response.statusCode ?? 0,
    body: parse(text),
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
  }
}

/** A proxy in front may answer with a page. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text.slice(0, 200) }
  }
}

const passing = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
])
const codeOf = (thrown: unknown): string => String((thrown as { code?: unknown } | undefined)?.code ?? '')
const isPassing = (thrown: unknown): boolean => passing.has(codeOf(thrown))

function asError({ server }: KubeConnection, thrown: unknown): unknown {
  const code = codeOf(thrown)
  if (code.startsWith('cluster_')) return thrown
  if (/CERT|SIGNATURE|ALTNAME|TLS|SSL|ISSUER/.test(code))
    return clusterCertificate(server.href, certificateError(code, thrown)).with({ cause: thrown })
  if (code === '' || !(thrown instanceof Error)) return thrown
  return clusterUnreachable(server.href, connectionError(code, thrown)).with({ cause: thrown })
}

function certificateError(code: string, thrown: unknown): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'it has expired'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'it is of another address'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'it is signed by an authority that the kubeconfig does not list'
    default:
      return messageOf(thrown)
  }
}

function connectionError(code: string, error: Error): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name does not resolve'
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return 'the connection was closed'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'the host is unreachable'
    default:
      return error.message
  }
}

interface StatusBody {
  readonly message?: string
  readonly reason?: string
  readonly details?: {
    readonly name?: string
    readonly kind?: string
    readonly causes?: readonly {
      readonly reason?: string
      readonly field?: string
      readonly message?: string
    }[]
  }
}

export function refusalOf(
  { server }: KubeConnection,
  { about }: KubeRequest,
  code: number,
  body: unknown,
): Error {
  const { message = `HTTP ${code}` } = (body ?? {}) as StatusBody
  if (code === 401) return clusterUnauthorized(server.href)
  if (code === 403) return forbidden(about, message)
  const fields = fieldConflicts(body)
  if (code === 409 && fields.length > 0) return clusterConflict(about, fields)
  if (isUntyped(body)) return clusterRefused(about, message.replace(untyped, ''))
  if (code === 409 || code === 429 || code >= 500) return clusterBusy(server.href, message)
  return clusterRefused(about, withoutRepeat(message))
}

/** The API server answers 500 for a field that server-side apply does not know, although the server works. */
const untyped = /^failed to create typed patch object \([^)]*\): /
const isUntyped = (body: unknown): boolean => untyped.test((body as StatusBody | undefined)?.message ?? '')

/** Empty if another client changed the object at the same moment. */
function fieldConflicts(body: unknown): string[] {
  const { details } = (body ?? {}) as StatusBody
  return (details?.causes ?? []).flatMap(({ reason, field, message }) =>
    reason === 'FieldManagerConflict'
      ? [`${field} (${message?.replace(/^conflict with /, '') ?? 'another'})`]
      : [],
  )
}

/** An admission webhook and a quota forbid, too, and say so in their own words: no Role helps there. */
function forbidden(about: string, message: string): Error {
  const said =
    /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: (at the cluster scope|in the namespace "[^"]+"))?/.exec(
      message,
    )
  if (said === null) return clusterRefused(about, withoutRepeat(message))
  const [, verb = '', resource = '', group = '', where = ''] = said
  return clusterForbidden(verb, group === '' ? resource : `${resource}.${group}`, where, '')
}

/** Removes `Deployment.apps "x" is invalid: ...`, which repeats "refuses Deployment hadal/x". */
const withoutRepeat = (message: string): string =>
  message.replace(/^\S+ "[^"]+" is (invalid|forbidden): /, '')
