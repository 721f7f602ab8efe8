/**
 * A circuit breaker: closed while attempts succeed, open for a while after consecutive failures, then half-open, where one
 * trial decides. A pure state machine; time is an argument.
 */

import type { BreakerOptions } from './upstream.ts'

export type Breaker =
  | { readonly kind: 'closed'; readonly failures: number }
  /** `openings`: how often it has opened since it was last closed. */
  | { readonly kind: 'open'; readonly until: number; readonly openings: number }
  | { readonly kind: 'halfOpen'; readonly openings: number }

export const closedBreaker: Breaker = { kind: 'closed', failures: 0 }

/** Whether an attempt may start. */
export function mayTry(breaker: Breaker, now: number): boolean {
  return breaker.kind === 'closed' || (breaker.kind === 'open' && now >= breaker.until)
}

/** Starts a permitted attempt; in the half-open state it is the trial. */
export function begin(breaker: Breaker): Breaker {
  return breaker.kind === 'open' ? { kind: 'halfOpen', openings: breaker.openings } : breaker
}

export function succeed(): Breaker {
  return closedBreaker
}

/**
 * `isTrial`: the attempt that decides the half-open state. Failures of attempts that started before it opened have no effect.
 */
export function fail(breaker: Breaker, isTrial: boolean, now: number, options: BreakerOptions): Breaker {
  if (breaker.kind === 'closed') {
    const failures = breaker.failures + 1
    return failures < options.failures ? { kind: 'closed', failures } : opened(1, now, options)
  }
  return breaker.kind === 'halfOpen' && isTrial ? opened(breaker.openings + 1, now, options) : breaker
}

/** A cancelled attempt decides nothing. After a trial, the next attempt may try. */
export function callOff(breaker: Breaker, isTrial: boolean, now: number): Breaker {
  return breaker.kind === 'halfOpen' && isTrial
    ? { kind: 'open', until: now, openings: breaker.openings }
    : breaker
}

/** Another signal indicates recovery: the next attempt may try immediately. */
export function hurry(breaker: Breaker, now: number): Breaker {
  return breaker.kind === 'open' ? { ...breaker, until: Math.min(breaker.until, now) } : breaker
}

function opened(openings: number, now: number, { openMillis, maxOpenMillis }: BreakerOptions): Breaker {
  const millis = Math.min(maxOpenMillis, openMillis * 2 ** Math.min(openings - 1, 30))
  return { kind: 'open', until: now + millis, openings }
}
