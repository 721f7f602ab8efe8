/** Turns a table (`data/xid.json`, `data/cuda-errors.json`) into entries. Pure. */

import type { CauseData, CauseTable, Columns, PatternData } from './cause-data.ts'

/**
 * Merges each row with its kind and the table's cause; the row takes precedence. `%name%` in a text inserts a column,
 * `%first|second%` the first of several that the row has. A pattern is omitted if the row lacks one of its columns; values are
 * escaped in patterns.
 */
export function expandTable({ cause, kinds, rows }: CauseTable): readonly CauseData[] {
  return rows.map((row) => {
    const columns = { ...kinds[row.kind], ...row }
    const { shows, ...texts } = { ...cause, ...columns } as CauseData
    return { ...(filled(texts, columns) as Omit<CauseData, 'shows'>), shows: patternsOf(shows, columns) }
  })
}

function patternsOf(shows: CauseData['shows'], columns: Columns): CauseData['shows'] {
  if ('reader' in shows) return shows
  return shows.flatMap((each): PatternData[] => {
    const { pattern, for: wording, ...flags } = typeof each === 'string' ? { pattern: each } : each
    if (wording !== undefined && wording !== columns.wording) return []
    const isWhole = [...pattern.matchAll(placeholder)].every(
      ([, names]) => columnOf(names!, columns) !== undefined,
    )
    return isWhole ? [{ pattern: fill(pattern, columns, literal), ...flags }] : []
  })
}

const placeholder = /%(\w+(?:\|\w+)*)%/g

const columnOf = (names: string, columns: Columns): unknown =>
  names
    .split('|')
    .map((name) => columns[name])
    .find((value) => value !== undefined)

const fill = (text: string, columns: Columns, as: (value: string) => string = (value) => value): string =>
  text.replace(placeholder, (_, names: string) => as(String(columnOf(names, columns))))

/** Every string in a value. */
function filled(value: unknown, columns: Columns): unknown {
  if (typeof value === 'string') return fill(value, columns)
  if (Array.isArray(value)) return value.map((each) => filled(each, columns))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, columns)]))
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
