/** Key limits: token buckets refilled once per minute, and a concurrency limit. Pure. */

export interface KeyLimit {
  readonly requestsPerMinute?: number
  /** Prompt and output tokens. */
  readonly tokensPerMinute?: number
  /** Queued or running requests. */
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

  /** Returns false, without counting it, if the request exceeds a limit. */
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
    // A request larger than a minute's quota is accepted when the bucket is full, and the bucket goes negative.
    if (tokensPerMinute !== undefined && state.tokens < Math.min(tokens, tokensPerMinute)) return false
    if (concurrency !== undefined && state.running >= concurrency) return false
    state.requests -= 1
    state.tokens -= tokens
    state.running += 1
    return true
  }

  /** A request has ended; its unused tokens are refunded. */
  leave(key: string, unusedTokens: number): void {
    const state = this.#states.get(key)
    if (state === undefined) return
    state.running -= 1
    state.tokens += unusedTokens
  }
}
