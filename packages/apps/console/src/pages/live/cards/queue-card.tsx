/** The queue: priority and waiting time of each request. */

import type { LiveEngine } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge, Card, formatCount, formatMillis, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { liveWords } from '../words.ts'

export function QueueCard({ engine }: { readonly engine: LiveEngine | undefined }): ReactNode {
  const say = useMessages(liveWords)
  const { priorities = [], requests = [], leftOut = 0 } = engine?.queue ?? {}
  if (requests.length + leftOut === 0)
    return (
      <Card title={say.queue}>
        <p className="soft">{say.nobodyWaits}</p>
      </Card>
    )
  return (
    <Card title={say.queue} lead={say.queueWhat}>
      <div className="row">
        {priorities.map(({ priority, waiting }) => (
          <Badge key={priority}>{say.atPriority(priority, waiting)}</Badge>
        ))}
      </div>
      <Table
        label={say.queue}
        columns={[
          { key: 'id', label: say.request, render: ({ id }) => <code>{id.slice(-12)}</code> },
          { key: 'priority', label: say.priority, isNumber: true, render: ({ priority }) => priority },
          {
            key: 'waited',
            label: say.waited,
            isNumber: true,
            render: ({ waitedMillis }) => formatMillis(waitedMillis),
          },
          {
            key: 'due',
            label: say.dueIn,
            isNumber: true,
            render: ({ dueInMillis }) => formatMillis(dueInMillis),
          },
          { key: 'tokens', label: say.tokens, isNumber: true, render: ({ tokens }) => formatCount(tokens) },
        ]}
        rows={requests}
        keyOf={({ id }) => id}
        maxRows={8}
      />
      {leftOut > 0 && <p className="faint small">{say.moreWait(formatCount(leftOut))}</p>}
    </Card>
  )
}
