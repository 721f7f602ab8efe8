/** Measures one streamed response chunk by chunk. */

/** Milliseconds count from the moment the request was due. */
export interface Measurement {
  readonly ttftMillis: number | undefined
  readonly e2eMillis: number
  /** Between one piece of text and the next. */
  readonly gapsMillis: readonly number[]
  readonly promptTokens: number | undefined
  readonly cachedTokens: number | undefined
  readonly completionTokens: number
  /** Whether tokens were counted by the server or estimated from chunks. */
  readonly tokensFrom: 'usage' | 'pieces'
  /** `http_429`, `queue_full`, `ECONNRESET`, `timeout`; undefined for a request that went well. */
  readonly error: string | undefined
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

export class AnswerTally {
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
