/** Rows: few, many, chosen, and none. */

import { type ReactNode, useState } from 'react'
import { Badge, Button, Card, type Column, formatCount, formatMillis, Table } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { designPageWords } from './words.ts'

interface Row {
  readonly id: string
  readonly model: string
  readonly state: 'good' | 'warn' | 'bad'
  readonly tokens: number
  readonly millis: number
}

const rows: readonly Row[] = Array.from({ length: 420 }, (_, at) => ({
  id: `req-${(at * 2654435761).toString(16).slice(-6)}`,
  model: ['nano', 'qwen3-8b', 'deepseek-v3'][at % 3]!,
  state: (['good', 'good', 'warn', 'bad'] as const)[at % 4]!,
  tokens: (at * 379) % 4096,
  millis: (at * 911) % 9000,
}))

const columns: readonly Column<Row>[] = [
  { key: 'id', label: 'request', render: ({ id }) => <code>{id}</code>, sortBy: ({ id }) => id },
  { key: 'model', label: 'model', render: ({ model }) => model, sortBy: ({ model }) => model },
  { key: 'state', label: 'state', render: ({ state }) => <Badge tone={state}>{state}</Badge>, isExtra: true },
  {
    key: 'tokens',
    label: 'tokens',
    render: ({ tokens }) => formatCount(tokens),
    isNumber: true,
    sortBy: ({ tokens }) => tokens,
  },
  {
    key: 'millis',
    label: 'time',
    render: ({ millis }) => formatMillis(millis),
    isNumber: true,
    sortBy: ({ millis }) => millis,
  },
]

export function Tables(): ReactNode {
  const say = useMessages(designPageWords)
  const [selected, setSelected] = useState(rows[1]!.id)
  return (
    <>
      <Card
        title={say.tables}
        isFlush
        actions={
          <Button size="small" icon="filter">
            {say.plain}
          </Button>
        }
      >
        <Table
          label={say.tables}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          selected={selected}
          onPress={({ id }) => setSelected(id)}
          order={{ key: 'tokens', isDescending: true }}
          maxRows={8}
        />
      </Card>
      <Table label={say.none} columns={columns} rows={[]} keyOf={({ id }) => id} empty={say.sentence} />
    </>
  )
}
