/** Rates of blocked attacks and benign texts per group, with confidence intervals. */

import type { GuardEvalGroup } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { type Column, formatCount, formatPercent, Meter, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'

export interface GroupsTableProps {
  readonly label: string
  readonly groups: readonly GuardEvalGroup[]
  readonly maxRows?: number
}

export function GroupsTable({ label, groups, maxRows = 12 }: GroupsTableProps): ReactNode {
  const say = useMessages(guardWords)
  const column = (
    key: 'recall' | 'falsePositives',
    head: string,
    isGood: boolean,
  ): Column<GuardEvalGroup> => ({
    key,
    label: head,
    sortBy: (group) => group[key]?.share ?? -1,
    render: (group) => <ShareCell counted={group[key]} isGood={isGood} label={head} />,
  })
  return (
    <Table
      label={label}
      rows={groups}
      keyOf={({ name }) => name}
      maxRows={maxRows}
      columns={[
        { key: 'name', label: say.group, sortBy: ({ name }) => name, render: ({ name }) => name },
        column('recall', say.recall, true),
        column('falsePositives', say.falsePositives, false),
      ]}
    />
  )
}

export interface ShareCellProps {
  readonly counted: GuardEvalGroup['recall']
  /** A high share is what one wants. */
  readonly isGood: boolean
  readonly label: string
}

export function ShareCell({ counted, isGood, label }: ShareCellProps): ReactNode {
  const say = useMessages(guardWords)
  if (counted === undefined) return <span className="faint">–</span>
  const { share, count, of, low, high } = counted
  const words = `${formatPercent(share)} (${say.ofCount(formatCount(count), formatCount(of))})`
  return (
    <div className="guard-share" title={`95 %: ${formatPercent(low)}–${formatPercent(high)}`}>
      <span className="number small">{words}</span>
      <Meter
        label={label}
        isLabelHidden
        value={share}
        max={1}
        text={words}
        tone={isGood ? 'good' : share > 0.02 ? 'bad' : 'plain'}
      />
    </div>
  )
}
