/** What a key may ask for at most: token buckets that a minute fills, and how many of its requests are there at once. Pure. */

export interface KeyLimit {
  readonly requestsPerMinute?: number
  /** Of prompts and answers. */
  readonly tokensPerMinute?: number
  /** Waiting or being served. */
  readonly concurrency?: number
}

interface State {
  readonly limit: KeyLimit
  requests: number
  tokens: number
  running: number
  filledAt: number
}

export class KeyLimits {
  readonly #states = new Map<string, State>()

  constructor(limits: Readonly<Record<string, KeyLimit>>) {
    for (const [key, limit] of Object.entries(limits)) {
      const { requestsPerMinute: requests = 0, tokensPerMinute: tokens = 0 } = limit
      this.#states.set(key, { limit, requests, tokens, running: 0, filledAt: 0 })
    }
  }

  /** False: it is one too many, and nothing was counted. */
  enter(key: string, tokens: number, now: number): boolean {
    const state = this.#states.get(key)
    if (state === undefined) return true
    const { requestsPerMinute, tokensPerMinute, concurrency } = state.limit
    const minutes = (now - state.filledAt) / 60_000
    state.filledAt = now
    if (requestsPerMinute !== undefined)
      state.requests = Math.min(requestsPerMinute, state.requests + minutes * requestsPerMinute)
    if (tokensPerMinute !== undefined)
      state.tokens = Math.min(tokensPerMinute, state.tokens + minutes * tokensPerMinute)
    if (requestsPerMinute !== undefined && state.requests < 1) return false
    // What is more than a minute's goes in when the bucket is full, and is paid back afterwards.
    if (tokensPerMinute !== undefined && state.tokens < Math.min(tokens, tokensPerMinute)) return false
    if (concurrency !== undefined && state.running >= concurrency) return false
    state.requests -= 1
    state.tokens -= tokens
    state.running += 1
    return true
  }

  /** One that entered is gone; it gets back the tokens that it was not given. */
  leave(key: string, unusedTokens: number): void {
    const state = this.#states.get(key)
    if (state === undefined) return
    state.running -= 1
    state.tokens += unusedTokens
  }
}
