/** The tunings that this server remembers; each can be looked at again. */

import type { JobSummary } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, formatMillis, formatTime, Table } from '../../design/index.ts'
import { JobBadge } from '../../jobs/job-state.tsx'
import { useMessages } from '../../messages/use-messages.ts'
import { go } from '../../shell/route.ts'
import { tuneWords } from './tune-words.ts'

export interface PastTuningsProps {
  readonly jobs: readonly JobSummary[]
  readonly selected: string | undefined
}

export function PastTunings({ jobs, selected }: PastTuningsProps): ReactNode {
  const say = useMessages(tuneWords)
  return (
    <Card title={say.past} isFlush>
      <Table
        label={say.past}
        rows={jobs}
        keyOf={({ id }) => id}
        selected={selected}
        onPress={({ id }) => go('tune', [id])}
        columns={[
          { key: 'when', label: say.when, render: ({ startedAt }) => formatTime(startedAt) },
          { key: 'state', label: say.state, render: ({ state }) => <JobBadge state={state} /> },
          { key: 'asked', label: say.requested, isText: true, render: ({ options }) => requestedText(options) },
          {
            key: 'took',
            label: say.took,
            isNumber: true,
            isExtra: true,
            render: ({ startedAt, endedAt }) =>
              endedAt === undefined ? '–' : formatMillis(endedAt - startedAt),
          },
        ]}
      />
    </Card>
  )
}

const requestedText = (options: Readonly<Record<string, unknown>>): string =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ') || '–'
