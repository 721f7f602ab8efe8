/** Aggregates usage rows for charts and statistics. Months and days are UTC, as on the server. Pure. */

import type { UsageRow } from '@hadal/protocol'

export interface UsageTotal {
  readonly requests: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly costMicros: number
}

export const noUsage: UsageTotal = {
  requests: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  costMicros: 0,
}

export const totalOf = (rows: readonly UsageTotal[]): UsageTotal =>
  rows.reduce<UsageTotal>(
    (sum, row) => ({
      requests: sum.requests + row.requests,
      promptTokens: sum.promptTokens + row.promptTokens,
      cachedTokens: sum.cachedTokens + row.cachedTokens,
      completionTokens: sum.completionTokens + row.completionTokens,
      costMicros: sum.costMicros + row.costMicros,
    }),
    noUsage,
  )

export interface UsageCurve {
  /** Milliseconds since 1970: the noon of each day, or of the first of each month, which is the same day everywhere. */
  readonly x: readonly number[]
  readonly rows: readonly UsageTotal[]
}

/** Every day of the month up to today, those without use, too. */
export function dailyCurve(rows: readonly UsageRow[], month: string, now: number): UsageCurve {
  const byDay = new Map(rows.map((row) => [row.of, row]))
  const days: string[] = []
  const first = Date.parse(`${month}-01T00:00:00Z`)
  for (let at = first; at <= now || days.length === 0; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    if (!day.startsWith(month)) break
    days.push(day)
  }
  return {
    x: days.map((day) => Date.parse(`${day}T12:00:00Z`)),
    rows: days.map((day) => byDay.get(day) ?? noUsage),
  }
}

export const monthlyCurve = (rows: readonly UsageRow[]): UsageCurve => ({
  x: rows.map(({ of }) => Date.parse(`${of}-01T12:00:00Z`)),
  rows,
})

/** `2026-11` and -1: `2026-10`. */
export function adjacentMonth(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7)
}
