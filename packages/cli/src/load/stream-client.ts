/**
 * Sends one streaming request to an OpenAI-compatible server and measures it. Plain node:http, for the load generator
 * shares the machine with what it measures.
 */

import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { StringDecoder } from 'node:string_decoder'
import { messageOf } from '@hadal/base'
import { SseDecoder } from '@hadal/protocol'

export interface Target {
  /** With or without `/v1` at the end. */
  readonly url: string
  readonly apiKey?: string | undefined
  readonly model: string
  readonly endpoint: 'chat' | 'completions'
  /** Extensions such as `ignore_eos`, sent along. */
  readonly extraBody?: Readonly<Record<string, unknown>>
  readonly timeoutMillis: number
}

export interface LoadRequest {
  readonly prompt: string
  readonly maxTokens: number
}

/** Milliseconds count from the moment the request was due. */
export interface Measurement {
  readonly ttftMillis: number | undefined
  readonly e2eMillis: number
  /** Between one piece of text and the next. */
  readonly gapsMillis: readonly number[]
  readonly promptTokens: number | undefined
  readonly cachedTokens: number | undefined
  readonly completionTokens: number
  /** Whether the server counted them, or the pieces of text were. */
  readonly tokensFrom: 'usage' | 'pieces'
  /** `http_429`, `queue_full`, `ECONNRESET`, `timeout`; undefined for a request that went well. */
  readonly error: string | undefined
}

export class StreamClient {
  readonly #target: Target
  readonly #base: string
  readonly #agent: HttpAgent | HttpsAgent
  readonly #request: (
    options: RequestOptions,
    listener: (response: IncomingMessage) => void,
  ) => ReturnType<typeof httpRequest>

  constructor(target: Target) {
    this.#target = target
    this.#base = apiBase(target.url)
    const isTls = this.#base.startsWith('https:')
    this.#agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
    const start = isTls ? httpsRequest : httpRequest
    this.#request = (options, listener) => start(`${this.#base}${this.#path}`, options, listener)
  }

  get #path(): string {
    return this.#target.endpoint === 'chat' ? '/chat/completions' : '/completions'
  }

  /** Never rejects: what went wrong is part of the measurement. `dueAt` is on the clock of `performance.now()`. */
  measure(load: LoadRequest, dueAt: number = performance.now()): Promise<Measurement> {
    const { apiKey, timeoutMillis } = this.#target
    const body = JSON.stringify(this.#body(load))
    const tally = new Tally(dueAt)
    return new Promise((resolve) => {
      const finish = (error?: string): void => {
        clearTimeout(timer)
        resolve(tally.finish(error))
      }
      const request = this.#request(
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            accept: 'text/event-stream',
            ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
          },
        },
        (response) => readAnswer(response, tally, finish),
      )
      const timer = setTimeout(() => request.destroy(new Error('timeout')), timeoutMillis)
      request.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? messageOf(error)))
      request.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #body({ prompt, maxTokens }: LoadRequest): Record<string, unknown> {
    const { model, endpoint, extraBody } = this.#target
    return {
      model,
      ...(endpoint === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt }),
      max_tokens: maxTokens,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      ...extraBody,
    }
  }
}

/** `http://host:8080` and `http://host:8080/v1/` to `http://host:8080/v1`; another path is taken as it is. */
export function apiBase(url: string): string {
  const trimmed = url.replace(/\/+$/, '')
  return new URL(trimmed).pathname === '/' ? `${trimmed}/v1` : trimmed
}

function readAnswer(response: IncomingMessage, tally: Tally, finish: (error?: string) => void): void {
  const decoder = new StringDecoder('utf8')
  response.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? messageOf(error)))
  if (response.statusCode !== 200) {
    let text = ''
    response.on('data', (chunk: Buffer) => {
      text += decoder.write(chunk)
    })
    response.on('end', () => finish(errorCode(text) ?? `http_${response.statusCode}`))
    return
  }
  const events = new SseDecoder()
  response.on('data', (chunk: Buffer) => {
    for (const { data } of events.push(decoder.write(chunk))) if (data !== '[DONE]') tally.add(data)
  })
  response.on('end', () => finish())
}

function errorCode(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown } }
    return typeof error?.code === 'string' ? error.code : undefined
  } catch {
    return undefined
  }
}

interface Chunk {
  readonly choices?: readonly {
    readonly text?: string
    readonly delta?: { readonly content?: string | null; readonly reasoning_content?: string | null }
  }[]
  readonly usage?: {
    readonly prompt_tokens?: number
    readonly completion_tokens?: number
    readonly prompt_tokens_details?: { readonly cached_tokens?: number }
  } | null
  readonly error?: { readonly code?: string | number; readonly message?: string }
}

/** What is known of one request so far. */
class Tally {
  readonly #dueAt: number
  readonly #gaps: number[] = []
  #firstAt: number | undefined
  #lastAt = 0
  #pieces = 0
  #usage: Chunk['usage']
  #error: string | undefined

  constructor(dueAt: number) {
    this.#dueAt = dueAt
  }

  add(data: string): void {
    let chunk: Chunk
    try {
      chunk = JSON.parse(data) as Chunk
    } catch {
      this.#error = 'malformed_stream'
      return
    }
    if (chunk.error !== undefined) this.#error = String(chunk.error.code ?? 'stream_error')
    if (chunk.usage) this.#usage = chunk.usage
    const choice = chunk.choices?.[0]
    const text = choice?.text || choice?.delta?.content || choice?.delta?.reasoning_content
    if (!text) return
    const now = performance.now()
    this.#pieces += 1
    if (this.#firstAt === undefined) this.#firstAt = now
    else this.#gaps.push(now - this.#lastAt)
    this.#lastAt = now
  }

  finish(error: string | undefined): Measurement {
    const usage = this.#usage
    const nothing = this.#pieces === 0 && usage == null ? 'empty_answer' : undefined
    return {
      ttftMillis: this.#firstAt === undefined ? undefined : this.#firstAt - this.#dueAt,
      e2eMillis: performance.now() - this.#dueAt,
      gapsMillis: this.#gaps,
      promptTokens: usage?.prompt_tokens,
      cachedTokens: usage?.prompt_tokens_details?.cached_tokens,
      completionTokens: usage?.completion_tokens ?? this.#pieces,
      tokensFrom: usage?.completion_tokens === undefined ? 'pieces' : 'usage',
      error: error ?? this.#error ?? nothing,
    }
  }
}
