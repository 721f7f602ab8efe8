/**
 * What the rest of the house sees of keys, limits and usage: who asks (`identify`), whether they may now (`admit`), and what it
 * came to (`settle`). Knows neither HTTP nor engines nor databases.
 */

/** Whoever holds a key. */
export interface Caller {
  /** Stable over restarts, and not the key. */
  readonly id: string
  readonly name: string
  /** Of its requests, and the most urgent that they may ask for; lower goes first. 0 where nothing is said. */
  readonly priority?: number
  /** Share of an engine when others wait, too; 1 where nothing is said. */
  readonly weight?: number
  /** Names of models, or patterns with `*`; all where nothing is said. */
  readonly models?: readonly string[]
}

export interface AdmissionRequest {
  /** For whoever looks for it; it need not be unique. */
  readonly id: string
  readonly model: string
  /** An estimate. */
  readonly promptTokens: number
  /** The most that will be generated. */
  readonly maxTokens: number
}

export interface SettledUsage {
  /** Cached ones included. */
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
}

/** A place within a key's limits. Whoever got it disposes of it, after success and after failure. */
export interface Admission extends Disposable {
  /** `x-ratelimit-*`, as OpenAI spells them. Empty where nothing is limited. */
  readonly headers: Readonly<Record<string, string>>
  /** Writes down what was used, once; later calls are ignored. Nothing a caller must wait for, and nothing that throws. */
  settle(usage: SettledUsage): void
  /** Frees the place among those at work. What was reserved and never settled goes back. */
  [Symbol.dispose](): void
}

export interface Accounts extends AsyncDisposable {
  /**
   * Whose key that is. Throws `key_missing`, `key_unknown`, `key_expired` (401), or `accounts_unavailable` (503) where nobody
   * can say. An answer is remembered for 5 seconds: so long a revoked key may still be let in. While the database is away
   * it is remembered until 10 minutes after the database last said so.
   */
  identify(key: string | undefined): Promise<Caller>
  /**
   * Lets a request begin, or throws `model_forbidden`, `model_unpriced` (403), `rate_limited`, `concurrency_limited` (429),
   * `token_limit_exceeded` (400) or `budget_exhausted` (402). `caller` is one that `identify` gave.
   */
  admit(caller: Caller, request: AdmissionRequest): Promise<Admission>
  /** Throws `model_forbidden`, as `admit` would: for what is asked of a model and costs none of its tokens. */
  checkModel(caller: Caller, model: string): void
  /** Resolves when everything that was settled before is in the database; rejects when it cannot be now. */
  flush(): Promise<void>
  /** Flushes what can be flushed, gives back what was leased, and closes. What could not be flushed stays in the journal. */
  [Symbol.asyncDispose](): Promise<void>
}
