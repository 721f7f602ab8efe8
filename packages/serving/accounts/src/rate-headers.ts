/** Rate limit headers as read by OpenAI's clients. */

import type { KeyLimits } from './key-record.ts'

export interface LeftOf {
  readonly left: number
  readonly fullInMillis: number
}

/** Empty if unlimited. */
export function rateHeaders(
  { requestsPerMinute, tokensPerMinute }: KeyLimits,
  state: (kind: 'requests' | 'tokens') => LeftOf,
): Record<string, string> {
  return {
    ...(requestsPerMinute !== undefined && headersOf('requests', requestsPerMinute, state('requests'))),
    ...(tokensPerMinute !== undefined && headersOf('tokens', tokensPerMinute, state('tokens'))),
  }
}

const headersOf = (kind: string, limit: number, { left, fullInMillis }: LeftOf): Record<string, string> => ({
  [`x-ratelimit-limit-${kind}`]: String(limit),
  [`x-ratelimit-remaining-${kind}`]: String(Math.floor(left)),
  [`x-ratelimit-reset-${kind}`]: resetText(fullInMillis),
})

/** `20ms`, `9s`, `6m0s`. */
export function resetText(millis: number): string {
  if (millis <= 0) return '0s'
  if (millis < 1000) return `${Math.ceil(millis)}ms`
  const seconds = Math.ceil(millis / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
