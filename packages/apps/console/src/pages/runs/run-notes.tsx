/** Events of a run other than steps, unchanged, the newest last. */

import type { RunNoteLine } from '@hadal/protocol'
import { type ReactNode, useMemo } from 'react'
import { Badge, Card, type Column, EmptyState, formatCount, formatTime, Table } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { type RunWords, runWords } from './words.ts'

const tones = {
  start: 'plain',
  guard: 'bad',
  phase: 'accent',
  memory: 'warn',
  profile: 'plain',
  warning: 'warn',
  best: 'good',
  end: 'plain',
} as const

const kindWords = {
  start: 'kindStart',
  guard: 'kindGuard',
  phase: 'kindPhase',
  memory: 'kindMemory',
  profile: 'kindProfile',
  warning: 'kindWarning',
  best: 'kindBest',
  end: 'kindEnd',
} as const satisfies Record<RunNoteLine['kind'], keyof RunWords>

interface Row extends RunNoteLine {
  readonly place: string
}

export function RunNotes({ notes }: { readonly notes: readonly RunNoteLine[] }): ReactNode {
  const say = useMessages(runWords)
  const rows = useMemo(() => notes.map((note, at): Row => ({ ...note, place: String(at) })), [notes])
  const columns: Column<Row>[] = [
    {
      key: 'step',
      label: say.progress,
      isNumber: true,
      sortBy: ({ step }) => step ?? -1,
      render: ({ step }) => formatCount(step),
    },
    {
      key: 'kind',
      label: say.kind,
      sortBy: ({ kind }) => kind,
      render: ({ kind }) => <Badge tone={tones[kind]}>{say[kindWords[kind]]}</Badge>,
    },
    { key: 'text', label: say.what, isText: true, render: ({ text }) => text },
    {
      key: 'at',
      label: say.when,
      isExtra: true,
      sortBy: ({ at }) => at ?? 0,
      render: ({ at }) => (at === undefined ? '–' : formatTime(at)),
    },
  ]
  if (rows.length === 0) return <EmptyState title={say.noEvents} />
  return (
    <Card isFlush>
      <Table label={say.events} columns={columns} rows={rows} keyOf={({ place }) => place} />
    </Card>
  )
}
