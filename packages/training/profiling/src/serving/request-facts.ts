/** The requests of one model in numbers: how long they waited, and for their first token. Pure. */

import { quantile } from '@hadal/base'
import { tally } from '../tally.ts'
import type { Span } from '../trace.ts'
import { numberOf, total } from './span-numbers.ts'

export interface RequestFacts {
  readonly count: number
  /** Requests by operation. */
  readonly byOperation: Readonly<Record<string, number>>
  readonly failed: number
  /** Sequences whose first text came during the recording. Times are milliseconds from the request’s arrival, and the queued part. */
  readonly answered: number
  readonly meanFirstTokenMillis: number
  readonly medianFirstTokenMillis: number
  /** 95th percentile. */
  readonly slowFirstTokenMillis: number
  readonly meanQueueMillis: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  /** Sequences that were in line for some of the time. */
  readonly waited: number
}

export function requestFacts(requests: readonly Span[], waits: readonly Span[]): RequestFacts {
  const byOperation = tally()
  for (const { name } of requests) byOperation[name] = (byOperation[name] ?? 0) + 1
  const answered = requests.filter(({ args }) => typeof args?.firstTokenMillis === 'number')
  const firsts = answered.map((span) => numberOf(span, 'firstTokenMillis'))
  const firstTokenAt = (share: number): number => (firsts.length === 0 ? 0 : quantile(firsts, share))
  const sum = (name: string): number => total(requests, (span) => numberOf(span, name))
  const mean = (name: string): number =>
    total(answered, (span) => numberOf(span, name)) / Math.max(1, answered.length)
  return {
    count: requests.length,
    byOperation,
    failed: requests.filter(({ args }) => args?.error !== undefined).length,
    answered: answered.length,
    meanFirstTokenMillis: mean('firstTokenMillis'),
    medianFirstTokenMillis: firstTokenAt(0.5),
    slowFirstTokenMillis: firstTokenAt(0.95),
    meanQueueMillis: mean('queueMillis'),
    promptTokens: sum('promptTokens'),
    cachedTokens: sum('cachedTokens'),
    completionTokens: sum('completionTokens'),
    waited: waits.length,
  }
}
