/** Usage by key or model, with exact token counts for billing. */

import type { UsageRow } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { type Column, EmptyState, formatCount, formatPercent, Meter, Table } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { keysWords } from './keys-words.ts'
import { formatMoney } from './money.ts'
import { totalOf } from './usage-figures.ts'

export interface UsageTableProps {
  readonly label: string
  /** Header of the first column. */
  readonly head: string
  readonly rows: readonly UsageRow[]
  readonly currency: string
  readonly month: string
  readonly onPress?: (row: UsageRow) => void
}

export function UsageTable(props: UsageTableProps): ReactNode {
  const { label, head, rows, currency, month, onPress } = props
  const say = useMessages(keysWords)
  const all = totalOf(rows)
  const tokens = ({ promptTokens, completionTokens }: UsageRow | typeof all): number =>
    promptTokens + completionTokens
  if (rows.length === 0) return <EmptyState title={say.nothingUsed(month)}>{say.nothingUsedWhy}</EmptyState>
  const count = (
    key: string,
    title: string,
    read: (row: UsageRow) => number,
    isExtra = false,
  ): Column<UsageRow> => ({
    key,
    label: title,
    isNumber: true,
    isExtra,
    sortBy: read,
    render: (row) => formatCount(read(row)),
  })
  const columns: readonly Column<UsageRow>[] = [
    {
      key: 'of',
      label: head,
      sortBy: ({ of, name }) => name ?? of,
      render: ({ of, name }) => <span className="keys-called">{name ?? of}</span>,
    },
    count('requests', say.requests, ({ requests }) => requests),
    count('prompt', say.prompt, ({ promptTokens }) => promptTokens),
    count('cached', say.cached, ({ cachedTokens }) => cachedTokens, true),
    count('completion', say.completion, ({ completionTokens }) => completionTokens),
    {
      key: 'cost',
      label: say.cost,
      isNumber: true,
      sortBy: ({ costMicros }) => costMicros,
      render: ({ costMicros }) => formatMoney(costMicros, currency),
    },
    {
      key: 'share',
      label: say.share,
      isExtra: true,
      render: (row) => (
        <div className="keys-budget">
          <Meter
            label={say.share}
            isLabelHidden
            value={tokens(row)}
            max={tokens(all)}
            text={formatPercent(tokens(all) === 0 ? 0 : tokens(row) / tokens(all))}
          />
        </div>
      ),
    },
  ]
  return (
    <Table
      label={label}
      columns={columns}
      rows={rows}
      keyOf={({ of }) => of}
      order={{ key: 'requests', isDescending: true }}
      {...(onPress !== undefined && { onPress })}
    />
  )
}
