/** Runs one check defensively: it may throw, return garbage or hang. Awaits only promises, with a timeout. */

import { type Clock, messageOf } from '@hadal/base'
import type { Check, CheckResult, Finding, Span } from '../check.ts'
import { isThenable } from './is-thenable.ts'
import type { ScreenedText } from './requested-text.ts'

export type Outcome = { readonly result: CheckResult } | { readonly failure: string }

export interface Patience {
  readonly timeoutMillis: number
  readonly clock: Clock
  /** The caller's signal; its reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

/** Returns a promise only if the check does. */
export function runCheck(check: Check, text: ScreenedText, patience: Patience): Outcome | Promise<Outcome> {
  try {
    const said = check(text.screened)
    return isThenable(said) ? waitFor(said, text, patience) : outcomeOf(said, text.screened.text)
  } catch (thrown) {
    return failureOf(thrown)
  }
}

async function waitFor(
  said: PromiseLike<unknown>,
  text: ScreenedText,
  { timeoutMillis, clock, signal }: Patience,
): Promise<Outcome> {
  signal?.throwIfAborted()
  const over = new AbortController()
  const leave = (): void => over.abort(signal?.reason)
  signal?.addEventListener('abort', leave, { once: true })
  const answered = Promise.resolve(said)
    .then((result) => outcomeOf(result, text.screened.text))
    .catch(failureOf)
  const late = clock.sleep(timeoutMillis, over.signal).then(
    (): Outcome => ({ failure: `no response within ${timeoutMillis} ms` }),
    (): undefined => undefined,
  )
  try {
    const first = await Promise.race([answered, late])
    signal?.throwIfAborted()
    // Only a result or the caller's abort ends the wait early, and the latter was just checked.
    const outcome = first ?? (await answered)
    if ('failure' in outcome) text.abort(outcome.failure)
    return outcome
  } catch (reason) {
    text.abort(reason)
    throw reason
  } finally {
    signal?.removeEventListener('abort', leave)
    over.abort()
  }
}

/** Custom checks may throw anything, even values that cannot be stringified. */
function failureOf(thrown: unknown): { readonly failure: string } {
  try {
    return { failure: messageOf(thrown) }
  } catch {
    return { failure: 'it threw something without a message' }
  }
}

/** Custom checks may return anything. */
function outcomeOf(said: unknown, text: string): Outcome {
  const { findings, suspicion, abstained } = (said ?? {}) as Partial<CheckResult>
  if (!Array.isArray(findings)) return { failure: 'it said nothing that has findings' }
  return {
    result: {
      // Copied field by field: spreading thousands of findings is ten times slower.
      findings: findings.map(({ rule, span, view, why, nearest, replacement }: Finding) => ({
        rule,
        span: within(span, text.length),
        view,
        why,
        ...(nearest !== undefined && { nearest }),
        ...(replacement !== undefined && { replacement }),
      })),
      ...(suspicion !== undefined && { suspicion: Math.min(1, Math.max(0, Number(suspicion) || 0)) }),
      ...(abstained !== undefined && { abstained: String(abstained) }),
    },
  }
}

/** Invalid spans become the whole text. */
function within(span: Span | undefined, length: number): Span {
  const { start = 0, end = length } = span ?? {}
  if (!Number.isFinite(start) || !Number.isFinite(end)) return { start: 0, end: length }
  const from = Math.min(length, Math.max(0, Math.floor(start)))
  return { start: from, end: Math.min(length, Math.max(from, Math.ceil(end))) }
}
