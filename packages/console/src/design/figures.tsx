/** Numbers: one by one, and in tables. All of them tabular, with their units. */

import type { ReactNode } from 'react'

export interface StatProps {
  readonly label: string
  /** With its unit: `12.4 ms`. */
  readonly value: string
  readonly hint?: string
  readonly tone?: 'plain' | 'good' | 'warn' | 'bad'
  /** A small curve of its last values. */
  readonly trend?: readonly number[]
}

export function Stat({ label, value, hint, tone = 'plain' }: StatProps): ReactNode {
  return (
    <div className={`stat stat-${tone}`}>
      <span className="stat-label">{label}</span>
      <span className="stat-value">{value}</span>
      {hint !== undefined && <span className="stat-hint">{hint}</span>}
    </div>
  )
}

export interface Column<Row> {
  readonly key: string
  readonly label: string
  readonly render: (row: Row) => ReactNode
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
  /** What rows are ordered by when somebody presses the head of the column. */
  readonly sortBy?: (row: Row) => number | string
  /** Left out where there is little room. */
  readonly isExtra?: boolean
}

export interface TableProps<Row> {
  /** What the table is of, for those who do not see it. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly onPress?: (row: Row) => void
  readonly selected?: string
}

export function Table<Row>({ label, columns, rows, keyOf }: TableProps<Row>): ReactNode {
  return (
    <div className="table-frame">
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.key} className={column.isNumber ? 'number' : undefined}>
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
