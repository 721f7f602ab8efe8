/** Every choice of settings that was tried, as a table: what the drawing shows, in numbers. */

import type { ReactNode } from 'react'
import { Badge, Card, type Column, formatCount, formatMillis, Table } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { knobNames, knobText } from './knob-text.ts'
import { tuneWords } from './tune-words.ts'
import type { Candidate, Tuning } from './tuning.ts'

export interface CandidatesTableProps {
  readonly tuning: Tuning
  readonly isDone: boolean
}

export function CandidatesTable({ tuning, isDone }: CandidatesTableProps): ReactNode {
  const say = useMessages(tuneWords)
  const { candidates, chosen } = tuning
  if (candidates.length === 0) return null
  const bears = ({ best }: Candidate): number => best?.requestsPerSecond ?? 0
  const columns: Column<Candidate>[] = [
    {
      key: 'mark',
      label: '',
      render: ({ id, isStart }) => (
        <span className="row">
          {id === chosen?.id && chosen.best !== undefined && (
            <Badge tone="good">{isDone ? say.chosenPoint : say.bestYet}</Badge>
          )}
          {isStart && <Badge>{say.asItIs}</Badge>}
        </span>
      ),
    },
    {
      key: 'bears',
      label: say.rateColumn,
      isNumber: true,
      sortBy: bears,
      render: ({ best }) =>
        best === undefined ? <span className="bad">{say.notKept}</span> : formatCount(best.requestsPerSecond),
    },
    {
      key: 'ttft',
      label: say.ttft,
      isNumber: true,
      sortBy: ({ best }) => best?.ttftMillis ?? best?.embedMillis ?? Number.MAX_VALUE,
      render: ({ best }) => formatMillis(best?.ttftMillis ?? best?.embedMillis),
    },
    {
      key: 'itl',
      label: say.itl,
      isNumber: true,
      isExtra: true,
      sortBy: ({ best }) => best?.itlMillis ?? Number.MAX_VALUE,
      render: ({ best }) => formatMillis(best?.itlMillis),
    },
    {
      key: 'real',
      label: say.realColumn,
      isNumber: true,
      sortBy: ({ real }) => real ?? -1,
      render: ({ real }) =>
        real === undefined ? '–' : real > 0 ? formatCount(real) : <span className="warn">{say.notKept}</span>,
    },
    ...knobNames.map(
      (name): Column<Candidate> => ({
        key: name,
        label: say[`${name}Short`],
        isNumber: name !== 'speculation',
        isExtra: name === 'contextLength',
        sortBy: ({ knobs }) => knobs[name],
        render: ({ knobs }) => knobText(knobs, name),
      }),
    ),
  ]
  return (
    <Card title={say.candidates} lead={say.candidatesLead} isFlush>
      <Table
        label={say.candidates}
        columns={columns}
        rows={candidates}
        keyOf={({ id }) => id}
        order={{ key: 'bears', isDescending: true }}
        maxRows={12}
        {...(chosen !== undefined && { selected: chosen.id })}
      />
    </Card>
  )
}
