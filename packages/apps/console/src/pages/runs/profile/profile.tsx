/** Where the time of recorded steps went: advice, a timeline, and tables with the same numbers. */

import type { RunProfile } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Card,
  CodeBlock,
  type Column,
  EmptyState,
  ErrorState,
  Facts,
  formatCount,
  formatPercent,
  Segments,
  Skeleton,
  Table,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { type RunWords, runWords } from '../words.ts'
import { kindColours } from './draw-flame.ts'
import { FlameGraph } from './flame-graph.tsx'
import { formatMicros } from './format-micros.ts'

export function Profile({ id, isThere }: { readonly id: string; readonly isThere: boolean }): ReactNode {
  const say = useMessages(runWords)
  const path = isThere ? `/hadal/runs/${encodeURIComponent(id)}/profile` : undefined
  const { data, error, isLoading, refresh } = usePolled<RunProfile>(path)
  if (!isThere)
    return (
      <EmptyState title={say.noProfile} icon="clock">
        <p>{say.noProfileText}</p>
        <CodeBlock language="sh" code="npx hadal train recipes/fine-tune --profile" />
      </EmptyState>
    )
  if (isLoading) return <Skeleton lines={10} />
  if (data === undefined) return error === undefined ? null : <ErrorState error={error} onRetry={refresh} />
  return <Shown profile={data} />
}

function Shown({ profile }: { readonly profile: RunProfile }): ReactNode {
  const say = useMessages(runWords)
  const { title, facts, advice, phases, operators, modules, trace } = profile
  return (
    <>
      {advice.length > 0 && (
        <Card title={say.advice}>
          <ol className="runs-advice">
            {advice.map(({ sentence, cause, change }) => (
              <li key={sentence}>
                <strong>{sentence}</strong>
                <p className="soft">{cause}</p>
                <p>{change}</p>
              </li>
            ))}
          </ol>
        </Card>
      )}
      <Card title={say.flame} lead={title}>
        <FlameGraph trace={trace} />
        <Legend trace={trace} />
        {trace.leftOut > 0 && <p className="soft small">{say.leftOut(formatCount(trace.leftOut))}</p>}
      </Card>
      <div className="columns">
        <Card title={say.profile}>
          <Facts facts={facts.map(({ name, value }) => ({ label: name, value }))} />
        </Card>
        {phases.length > 0 && (
          <Card title={say.phases}>
            <Segments
              label={say.phases}
              segments={phases.slice(0, 6).map(({ name, micros, share }) => ({
                label: name,
                value: micros,
                text: `${formatMicros(micros)}, ${formatPercent(share)}`,
              }))}
            />
          </Card>
        )}
      </div>
      <Card title={say.operators} isFlush>
        <Table
          label={say.operators}
          columns={operatorColumns(say)}
          rows={operators}
          keyOf={({ name }) => name}
          maxRows={14}
        />
      </Card>
      {modules.length > 0 && (
        <Card title={say.modules} isFlush>
          <Table
            label={say.modules}
            columns={moduleColumns(say)}
            rows={modules}
            keyOf={({ name }) => name}
            maxRows={14}
          />
        </Card>
      )}
    </>
  )
}

const kindWords = {
  step: 'classStep',
  phase: 'classPhase',
  module: 'classModule',
  product: 'classProduct',
  attention: 'classAttention',
  copy: 'classCopy',
  autograd: 'classAutograd',
  operator: 'classOperator',
  device: 'classDevice',
  wait: 'classWait',
  request: 'classRequest',
  other: 'classOther',
} as const

function Legend({ trace }: { readonly trace: RunProfile['trace'] }): ReactNode {
  const say = useMessages(runWords)
  const present = new Set(trace.spans[3])
  return (
    <ul className="runs-legend small soft">
      {trace.classes.map(
        (kind, at) =>
          present.has(at) && (
            <li key={kind}>
              <i style={{ background: `var(${kindColours[kind] ?? '--text-faint'})` }} />
              {say[kindWords[kind as keyof typeof kindWords] ?? 'classOther']}
            </li>
          ),
      )}
    </ul>
  )
}

type Operator = RunProfile['operators'][number]
type Part = RunProfile['modules'][number]

const operatorColumns = (say: RunWords): Column<Operator>[] => [
  {
    key: 'name',
    label: say.operators,
    sortBy: ({ name }) => name,
    render: ({ name }) => <code>{name}</code>,
  },
  {
    key: 'share',
    label: say.ofStep,
    isNumber: true,
    sortBy: ({ share }) => -share,
    render: ({ share }) => formatPercent(share),
  },
  {
    key: 'self',
    label: say.selfTime,
    isNumber: true,
    sortBy: ({ selfMicros }) => -selfMicros,
    render: ({ selfMicros }) => formatMicros(selfMicros),
  },
  {
    key: 'count',
    label: say.calls,
    isNumber: true,
    isExtra: true,
    sortBy: ({ count }) => -count,
    render: ({ count }) => formatCount(count),
  },
]

const moduleColumns = (say: RunWords): Column<Part>[] => [
  { key: 'name', label: say.modules, sortBy: ({ name }) => name, render: ({ name }) => <code>{name}</code> },
  {
    key: 'share',
    label: say.ofStep,
    isNumber: true,
    sortBy: ({ share }) => -share,
    render: ({ share }) => formatPercent(share),
  },
  {
    key: 'forward',
    label: say.forward,
    isNumber: true,
    sortBy: ({ forwardMicros }) => -forwardMicros,
    render: ({ forwardMicros }) => formatMicros(forwardMicros),
  },
  {
    key: 'backward',
    label: say.backward,
    isNumber: true,
    sortBy: ({ backwardMicros }) => -backwardMicros,
    render: ({ backwardMicros }) => formatMicros(backwardMicros),
  },
]
