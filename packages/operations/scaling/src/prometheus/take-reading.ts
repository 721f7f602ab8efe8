/**
 * A measurement with its timestamp, or the reason it is missing. Ages are relative to Prometheus' own clock, so that a wrong local
 * clock does not make samples look old.
 */

import type { ObservedQuery, Reading } from '@hadal/fleet'
import type { Answer, Prometheus } from './prometheus-at.ts'

export interface Asker {
  readonly prometheus: Prometheus
  /** Milliseconds of the epoch, by our own clock. */
  now(): number
}

/** Rejects with the signal's reason alone. */
export async function takeReading(
  { prometheus, now }: Asker,
  { value, measuredAt, noneIsFine }: ObservedQuery,
  signal: AbortSignal,
): Promise<Reading> {
  const ask = async (promql: string): Promise<Sample> => sampleOf(await prometheus.query(promql, signal))
  const [figure, measured] = await Promise.all([ask(value), ask(measuredAt)])
  if (figure !== 'none' && 'issue' in figure) return { missing: figure.issue }
  if (measured !== 'none' && 'issue' in measured) return { missing: measured.issue }
  if (measured === 'none') return { missing: 'no metric measures it' }
  if (figure === 'none' && !noneIsFine) return { missing: 'the series does not exist' }
  const ageMillis = (measured.atSeconds - measured.value) * 1000
  return { at: Math.round(now() - ageMillis), value: figure === 'none' ? Number.NaN : figure.value }
}

/** Number of engines in a metric: 0 if unknown. Rejects only with the signal's reason. */
export async function countSources(
  prometheus: Prometheus,
  { count, perReplica }: NonNullable<ObservedQuery['sources']>,
  signal: AbortSignal,
): Promise<number> {
  const sample = sampleOf(await prometheus.query(count, signal))
  return sample === 'none' || 'issue' in sample || !(sample.value > 0) ? 0 : sample.value / perReplica
}

type Sample =
  | 'none'
  | { readonly issue: string }
  | {
      /** When Prometheus looked, by its own clock. */
      readonly atSeconds: number
      readonly value: number
    }

export function sampleOf(answer: Answer): Sample {
  if ('issue' in answer) return answer
  const [first, ...others] = answer.series
  if (first === undefined) return 'none'
  if (others.length > 0) return { issue: `expected one series, got ${others.length + 1}` }
  const { value } = first
  if (!Array.isArray(value) || typeof value[0] !== 'number' || typeof value[1] !== 'string')
    return { issue: 'Prometheus returned no sample' }
  const number = numberOf(value[1])
  return number === undefined
    ? { issue: `expected a number, got ${JSON.stringify(value[1].slice(0, 40))}` }
    : { atSeconds: value[0], value: number }
}

/** As Prometheus writes them: `NaN`, `+Inf`, `1e-05`. Undefined of anything else. */
export function numberOf(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN
  const infinity = /^([+-]?)Inf$/.exec(text)
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}
