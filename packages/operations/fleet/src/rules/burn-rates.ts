/**
 * Multi-window multi-burn-rate alerts, after "Alerting on SLOs" of Google's SRE workbook: an alert fires if the error budget is
 * consumed much faster than the SLO window allows, sooner for faster rates. The long window shows significance, the short one that
 * the problem persists.
 */

import { day, hour, minute, promDuration } from './prom-duration.ts'
import type { Severity } from './rule-groups.ts'

export interface BurnRate {
  /** `1h`. */
  readonly long: string
  readonly short: string
  readonly longMillis: number
  readonly shortMillis: number
  /** How many times faster than the budget allows. */
  readonly factor: number
  readonly severity: Severity
}

/** Share of the whole budget that is gone when each one fires: for 30 days factors of 14.4, 6, 3 and 1. */
const steps = [
  { longMillis: hour, shortMillis: 5 * minute, budgetShare: 0.02, severity: 'page' },
  { longMillis: 6 * hour, shortMillis: 30 * minute, budgetShare: 0.05, severity: 'page' },
  { longMillis: day, shortMillis: 2 * hour, budgetShare: 0.1, severity: 'ticket' },
  { longMillis: 3 * day, shortMillis: 6 * hour, budgetShare: 0.1, severity: 'ticket' },
] as const

/**
 * For an SLO over `windowDays`. A factor below 1 would report budgets that last, and a window longer than the
 * SLO's own would report old errors: neither is made.
 */
export function burnRates(windowDays: number): readonly BurnRate[] {
  const windowMillis = windowDays * day
  return steps
    .filter(({ longMillis }) => longMillis <= windowMillis)
    .map(({ longMillis, shortMillis, budgetShare, severity }) => ({
      long: promDuration(longMillis),
      short: promDuration(shortMillis),
      longMillis,
      shortMillis,
      factor: Math.max(1, rounded((budgetShare * windowMillis) / longMillis)),
      severity,
    }))
}

/**
 * The share of failures above which a burn rate fires. A promise so weak that the share would exceed 0.9 fires there:
 * else a total failure would fire nothing.
 */
export function burnThreshold({ factor }: BurnRate, promised: number): number {
  return rounded(Math.min(0.9, factor * (1 - promised)))
}

/** Every window that burn rates look at, each once, short ones first. */
export function burnWindows(rates: readonly BurnRate[]): readonly string[] {
  const windows = new Map(
    rates.flatMap(({ long, short, longMillis, shortMillis }) => [
      [long, longMillis],
      [short, shortMillis],
    ]),
  )
  return [...windows].sort(([, a], [, b]) => a - b).map(([window]) => window)
}

/**
 * Failures in the long window below which nothing fires: one failure in ten requests at night pages no one.
 */
export const fewestFailures = 5

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
