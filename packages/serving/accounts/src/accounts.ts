/**
 * The interface of keys, limits and usage: authenticate (`identify`), authorise (`admit`) and record usage (`settle`).
 * Independent of HTTP, engines and databases.
 */

/** The holder of a key. */
export interface Caller {
  /** Stable across restarts; not the key itself. */
  readonly id: string
  readonly name: string
  /** Priority of its requests, and the most urgent they may request; lower goes first. 0 by default. */
  readonly priority?: number
  /** Share of an engine under contention; 1 by default. */
  readonly weight?: number
  /** Model names, or patterns with `*`; all by default. */
  readonly models?: readonly string[]
}

export interface AdmissionRequest {
  /** For log searches; need not be unique. */
  readonly id: string
  readonly model: string
  /** An estimate. */
  readonly promptTokens: number
  /** Maximum new tokens. */
  readonly maxTokens: number
}

export interface SettledUsage {
  /** Includes cached ones. */
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
}

/** An admitted request. The caller must dispose of it, on success and failure. */
export interface Admission extends Disposable {
  /** `x-ratelimit-*` headers in OpenAI's format. Empty without limits. */
  readonly headers: Readonly<Record<string, string>>
  /** Records the usage, once; later calls are ignored. Never blocks or throws. */
  settle(usage: SettledUsage): void
  /** Releases the concurrency slot. Unsettled reservations are returned. */
  [Symbol.dispose](): void
}

export interface Accounts extends AsyncDisposable {
  /**
   * Authenticates a key. Throws `key_missing`, `key_unknown`, `key_expired` (401), or `accounts_unavailable` (503) if it cannot
   * be checked. Results are cached for 5 seconds, so a revoked key may be accepted for that long. While the database is
   * unavailable, for 10 minutes since its last response.
   */
  identify(key: string | undefined): Promise<Caller>
  /**
   * Admits a request, or throws `model_forbidden`, `model_unpriced` (403), `rate_limited`, `concurrency_limited` (429),
   * `token_limit_exceeded` (400) or `budget_exhausted` (402). `caller` must come from `identify`.
   */
  admit(caller: Caller, request: AdmissionRequest): Promise<Admission>
  /** Throws `model_forbidden`, like `admit`: for requests that use a model without consuming tokens. */
  checkModel(caller: Caller, model: string): void
  /** Resolves when all earlier settled usage is in the database; rejects if that is not possible now. */
  flush(): Promise<void>
  /** Flushes what it can, returns leases and closes. What could not be flushed stays in the journal. */
  [Symbol.asyncDispose](): Promise<void>
}
