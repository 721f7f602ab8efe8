/** Audit filters: URL and query parameters. Pure. */

export const filterNames = ['action', 'layer', 'key', 'request', 'since', 'until'] as const
export type FilterName = (typeof filterNames)[number]
export type AuditFilters = Readonly<Partial<Record<FilterName | 'before', string>>>

export function filtersOf(query: URLSearchParams): AuditFilters {
  const said = [...filterNames, 'before' as const].flatMap((name) => {
    const value = query.get(name)?.trim() ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries(said)
}

/** Without those that are empty. Another filter begins at the newest again. */
export function changed(filters: AuditFilters, next: AuditFilters): Record<string, string> {
  const { before: _, ...kept } = filters
  return Object.fromEntries(
    Object.entries({ ...kept, ...next }).filter(([, value]) => value !== undefined && value !== ''),
  ) as Record<string, string>
}

/** `since` and `until` are moments of this machine's clock: `2026-11-29T18:00`. */
export function pathOf(filters: AuditFilters, limit: number): string {
  const requested = new URLSearchParams({ limit: String(limit) })
  for (const [name, value] of Object.entries(filters)) {
    const isTime = name === 'since' || name === 'until'
    const moment = isTime ? new Date(value).getTime() : 0
    if (Number.isNaN(moment)) continue
    requested.set(name, isTime ? String(moment) : value)
  }
  return `/hadal/guard/verdicts?${requested}`
}
