/** What each choice of settings would bear if more or less were promised. */

import type { TuneResult } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, formatCount, LineChart } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { tuneWords } from './tune-words.ts'

type Say = typeof tuneWords.en | typeof tuneWords.zh

/** As the command names its points, in the language of the page. */
function nameOf(name: string, say: Say): string {
  const [, size, time] = /^guide: batches of (\d+), (\d+) ms$/.exec(name) ?? []
  if (size !== undefined && time !== undefined) return say.guide(size, time)
  return name === 'as it is' ? say.asItIs : name === 'tuned' ? say.tuned : name
}

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
          label: nameOf(name, say),
          values: requestsPerSecond,
          isDashed: index > 0 && index < length - 1,
        }))}
      />
    </Card>
  )
}
