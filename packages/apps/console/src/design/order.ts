/** Rows as the head of a column orders them. Pure. */

export interface TableOrder {
  readonly key: string
  readonly isDescending: boolean
}

interface Sortable<Row> {
  readonly key: string
  readonly sortBy?: ((row: Row) => number | string) | undefined
}

/** Returns a new list; stable. NaN sorts last. */
export function ordered<Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  order: TableOrder | undefined,
): readonly Row[] {
  const by = columns.find(({ key }) => key === order?.key)?.sortBy
  if (by === undefined || order === undefined) return rows
  const sign = order.isDescending ? -1 : 1
  const isLast = (value: number | string): boolean => typeof value === 'number' && Number.isNaN(value)
  return [...rows].sort((left, right) => {
    const [a, b] = [by(left), by(right)]
    if (isLast(a) || isLast(b)) return Number(isLast(a)) - Number(isLast(b))
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b), undefined, { numeric: true })
  })
}
