/** Choices made by the plan, with reasons. */

import type { ReactNode } from 'react'
import { Card, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { InlineCode } from '../inline-code.tsx'
import type { DeployPartProps } from './deploy-part-props.ts'
import { deployWords } from './deploy-words.ts'

export function ChoicesView({ deployment }: DeployPartProps): ReactNode {
  const say = useMessages(deployWords)
  return (
    <Card title={say.choicesTitle} lead={say.choicesLead} isFlush>
      <Table
        label={say.choicesTitle}
        rows={deployment.reasons}
        keyOf={({ what, why }) => `${what} ${why}`}
        columns={[
          {
            key: 'what',
            label: say.what,
            isText: true,
            render: ({ what }) => <strong>{what}</strong>,
            sortBy: ({ what }) => what,
          },
          { key: 'why', label: say.why, isText: true, render: ({ why }) => <InlineCode text={why} /> },
        ]}
      />
    </Card>
  )
}
