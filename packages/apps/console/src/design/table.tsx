/** Rows and columns: sorted by clicking a header, selected by clicking a row or with Enter, in a separate scroll container. */

import { type ReactNode, useMemo, useState } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import { Button } from './controls.tsx'
import { formatCount } from './format.ts'
import { Icon } from './icons.tsx'
import { ordered, type TableOrder } from './order.ts'
import { designWords } from './words.ts'

export interface Column<Row> {
  readonly key: string
  readonly label: string
  readonly render: (row: Row) => ReactNode
  /** Numbers stand at the right. */
  readonly isNumber?: boolean | undefined
  /** Sort key of the column. */
  readonly sortBy?: ((row: Row) => number | string) | undefined
  /** Hidden where space is limited. */
  readonly isExtra?: boolean | undefined
  /** Words that may be broken into lines; others stay on one. */
  readonly isText?: boolean | undefined
}

export interface TableProps<Row> {
  /** Description of the table for screen readers. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly onPress?: ((row: Row) => void) | undefined
  readonly selected?: string | undefined
  /** Initial order of the rows. Default: input order. */
  readonly order?: TableOrder | undefined
  /** Below the header row if there are no rows. */
  readonly empty?: ReactNode | undefined
  /** Taller tables scroll below their heads. */
  readonly maxRows?: number | undefined
}

/** More rows than these are shown on demand: a browser takes long over thousands. */
const rowsAtOnce = 200

export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { label, columns, rows, keyOf, onPress, selected, empty, maxRows } = props
  const say = useMessages(designWords)
  const [order, setOrder] = useState(props.order)
  const [most, setMost] = useState(rowsAtOnce)
  const sorted = useMemo(() => ordered(rows, columns, order), [rows, columns, order])
  const shown = sorted.slice(0, most)
  return (
    <section
      className="table-frame"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
      tabIndex={0}
      style={maxRows === undefined ? undefined : { maxHeight: `calc(${maxRows + 1} * var(--table-row))` }}
    >
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} order={order} onOrder={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => {
            const key = keyOf(row)
            return (
              <tr
                key={key}
                className={onPress === undefined ? undefined : 'pressable'}
                aria-current={key === selected || undefined}
                tabIndex={onPress === undefined ? undefined : 0}
                onClick={onPress === undefined ? undefined : () => onPress(row)}
                onKeyDown={
                  onPress === undefined
                    ? undefined
                    : (event) => {
                        if (event.target !== event.currentTarget || !['Enter', ' '].includes(event.key))
                          return
                        event.preventDefault()
                        onPress(row)
                      }
                }
              >
                {columns.map((column) => (
                  <td key={column.key} className={classOf(column)}>
                    {column.render(row)}
                  </td>
                ))}
              </tr>
            )
          })}
          {rows.length === 0 && empty !== undefined && (
            <tr>
              <td colSpan={columns.length} className="table-empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {sorted.length > most && (
        <p className="table-more">
          {say.more(formatCount(most), formatCount(sorted.length))}
          <Button kind="quiet" size="small" icon="plus" onPress={() => setMost(most + rowsAtOnce)}>
            {formatCount(Math.min(rowsAtOnce, sorted.length - most))}
          </Button>
        </p>
      )}
    </section>
  )
}

interface HeadProps<Row> {
  readonly column: Column<Row>
  readonly order: TableOrder | undefined
  readonly onOrder: (order: TableOrder) => void
}

function Head<Row>({ column, order, onOrder }: HeadProps<Row>): ReactNode {
  const isOrdered = order?.key === column.key
  const direction = isOrdered ? (order.isDescending ? 'descending' : 'ascending') : undefined
  return (
    <th scope="col" className={classOf(column)} aria-sort={direction}>
      {column.sortBy === undefined ? (
        column.label
      ) : (
        <button
          type="button"
          onClick={() =>
            onOrder({
              key: column.key,
              isDescending: isOrdered ? !order.isDescending : column.isNumber === true,
            })
          }
        >
          {column.label}
          <Icon name={direction === 'ascending' ? 'up' : 'down'} />
        </button>
      )}
    </th>
  )
}

function classOf<Row>({ isNumber, isExtra, isText }: Column<Row>): string | undefined {
  const names = [isNumber && 'number', isExtra && 'extra', isText && 'words'].filter(Boolean)
  return names.length === 0 ? undefined : names.join(' ')
}
