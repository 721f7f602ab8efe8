/** What each choice of settings would bear if more or less were promised. */

import type { TuneResult } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, formatCount, LineChart } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { tuneWords } from './tune-words.ts'

export function ByPromiseCard({ result }: { readonly result: TuneResult }): ReactNode {
  const say = useMessages(tuneWords)
  return (
    <Card title={say.byPromise} lead={say.byPromiseLead}>
      <LineChart
        label={say.byPromise}
        x={result.promises}
        xKind="number"
        xLabel={say.byPromiseX}
        format={(value) => say.perSecond(formatCount(value))}
        series={result.frontier.map(({ name, requestsPerSecond }, index, { length }) => ({
          label: name,
          values: requestsPerSecond,
          isDashed: index > 0 && index < length - 1,
        }))}
      />
    </Card>
  )
}
