/**
 * One completion over node:http, streamed or whole, with the time of every piece of text: for benchmarks that need to know
 * when, or that leave early, or read slowly, which the load generator of `hadal bench serve` does not.
 */

import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import { SseDecoder } from '@hadal/protocol'

export interface StreamedCompletion {
  /** Undefined: the connection broke before an answer. */
  readonly status: number | undefined
  /** Of an answer with another status than 200, or of a stream that ended with an error. */
  readonly errorCode: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** On the clock of `performance.now()`. */
  readonly sentAt: number
  /** The head of the answer. */
  readonly answeredAt: number | undefined
  readonly pieces: readonly { readonly at: number; readonly text: string }[]
  readonly finishReason: string | undefined
  /** Whether `[DONE]` came, and nothing after it. */
  readonly complete: boolean
  /** What the answer calls itself; more than one is a fault. */
  readonly ids: readonly string[]
  readonly endedAt: number
  /** Why the connection broke, when it did: `aborted` by the caller, or a code such as `ECONNRESET`. */
  readonly broken: string | undefined
}

export interface StreamOptions {
  /** Absent: a connection of its own, which no server has closed since it was last used. */
  readonly agent?: Agent
  readonly signal?: AbortSignal
  /** The answer is asked for in one piece. */
  readonly whole?: boolean
  /** Called with each piece of text; the next bytes are read once it has resolved. */
  readonly onText?: (text: string) => void | Promise<void>
}

interface Chunk {
  readonly id?: string
  readonly choices?: readonly { readonly text?: string; readonly finish_reason?: string | null }[]
  readonly error?: { readonly code?: string | number }
}

/** Never rejects: what went wrong is part of what is measured. */
export function streamCompletion(
  url: string,
  body: Readonly<Record<string, unknown>>,
  { agent, signal, whole: isWhole = false, onText }: StreamOptions = {},
): Promise<StreamedCompletion> {
  const payload = JSON.stringify({ ...body, stream: !isWhole })
  const sentAt = performance.now()
  const pieces: { at: number; text: string }[] = []
  let [status, answeredAt, retryAfterSeconds]: (number | undefined)[] = []
  let [errorCode, finishReason]: (string | undefined)[] = []
  const ids: string[] = []
  let complete = false
  const take = (data: string): string => {
    if (data === '[DONE]') {
      complete = !complete
      return ''
    }
    const { id, choices, error } = JSON.parse(data) as Chunk
    if (id !== undefined && !ids.includes(id)) ids.push(id)
    if (complete) errorCode = 'more_after_done'
    if (error !== undefined) errorCode = String(error.code ?? 'stream_error')
    finishReason = choices?.[0]?.finish_reason ?? finishReason
    const text = choices?.[0]?.text ?? ''
    if (text !== '') pieces.push({ at: performance.now(), text })
    return text
  }
  const read = async (response: IncomingMessage): Promise<void> => {
    status = response.statusCode
    answeredAt = performance.now()
    const seconds = response.headers['retry-after']
    if (seconds !== undefined) retryAfterSeconds = Number(seconds)
    const decoder = new StringDecoder('utf8')
    const events = new SseDecoder()
    let whole = ''
    for await (const bytes of response) {
      const text = decoder.write(bytes as Buffer)
      if (status !== 200 || isWhole) whole += text
      else
        for (const { data } of events.push(text)) {
          const said = take(data)
          if (said !== '') await onText?.(said)
        }
    }
    if (status !== 200) errorCode = codeIn(whole) ?? `http_${status}`
    else if (isWhole) {
      take(whole)
      complete = finishReason !== undefined
    }
  }
  return new Promise((resolve) => {
    const finish = (broken?: string): void =>
      resolve({
        ...{ status, errorCode, retryAfterSeconds, sentAt, answeredAt, pieces, finishReason, complete, ids },
        endedAt: performance.now(),
        broken,
      })
    const broke = (error: NodeJS.ErrnoException): void =>
      finish(signal?.aborted === true ? 'aborted' : (error.code ?? error.message))
    const request = httpRequest(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
        agent: agent ?? false,
      },
      (response) => void read(response).then(() => finish(), broke),
    )
    request.on('error', broke)
    request.end(payload)
    // An agent would give the signal to the connection, which serves others, too.
    signal?.addEventListener('abort', () => request.destroy(), { once: true })
    if (signal?.aborted === true) request.destroy()
  })
}

function codeIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as Chunk
    return error?.code === undefined ? undefined : String(error.code)
  } catch {
    return undefined
  }
}
