/**
 * Sends a streaming request to an OpenAI-compatible server and measures it. Uses plain node:http, because the load generator shares the
 * machine with the server.
 */

import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { StringDecoder } from 'node:string_decoder'
import { messageOf } from '@hadal/base'
import { SseDecoder } from '@hadal/protocol'
import { AnswerTally, type Measurement } from './answer-tally.ts'

export interface Target {
  /** With or without a trailing `/v1`. */
  readonly url: string
  readonly apiKey?: string | undefined
  readonly model: string
  readonly endpoint: 'chat' | 'completions'
  /** Extensions such as `ignore_eos`. */
  readonly extraBody?: Readonly<Record<string, unknown>>
  readonly timeoutMillis: number
}

export interface LoadRequest {
  readonly prompt: string
  readonly maxTokens: number
}

export class StreamClient {
  readonly #target: Target
  readonly #base: string
  readonly #agent: HttpAgent | HttpsAgent
  readonly #request: (options: RequestOptions, listener: (response: IncomingMessage) => void) => ClientRequest

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

  /** Never rejects: errors and aborts are part of the measurement. `dueAt` is on the clock of `performance.now()`. */
  measure(load: LoadRequest, dueAt: number = performance.now(), signal?: AbortSignal): Promise<Measurement> {
    const body = JSON.stringify(this.#body(load))
    const tally = new AnswerTally(dueAt)
    return new Promise((resolve) => {
      const finish = (error?: string): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        resolve(tally.finish(error))
      }
      const send = (): ClientRequest => {
        const request = this.#request(this.#options(body), (response) => readAnswer(response, tally, finish))
        request.on('error', (error: NodeJS.ErrnoException) => {
          // Keep-alive race: the server closed the connection as it was reused. Not an error of either side.
          if (request.reusedSocket && !signal?.aborted && error.code === 'ECONNRESET') sent = send()
          else finish(error.code ?? messageOf(error))
        })
        request.end(body)
        return request
      }
      const timer = setTimeout(() => sent.destroy(new Error('timeout')), this.#target.timeoutMillis)
      const stop = (): void => void sent.destroy(new Error('stopped'))
      let sent = send()
      if (signal?.aborted) stop()
      else signal?.addEventListener('abort', stop)
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #options(body: string): RequestOptions {
    const { apiKey } = this.#target
    return {
      method: 'POST',
      agent: this.#agent,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'text/event-stream',
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
    }
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

function readAnswer(response: IncomingMessage, tally: AnswerTally, finish: (error?: string) => void): void {
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
