/** All runs there are: filtered, ordered, chosen to be compared. */

import type { RunList as Answer, RunState, RunSummary } from '@hadal/protocol'
import { type ReactNode, useMemo, useState } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import {
  Button,
  Card,
  CodeBlock,
  type Column,
  EmptyState,
  ErrorState,
  formatCount,
  formatTime,
  Meter,
  Notice,
  Page,
  Select,
  Skeleton,
  Table,
  TextField,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, hrefOf } from '../../shell/route.ts'
import { formatFigure, formatLarge } from './format-figure.ts'
import { runStates, StateBadge } from './run-state.tsx'
import { StaleNotice } from './stale-notice.tsx'
import { type RunWords, runWords } from './words.ts'

const maxCompared = 6

export function RunList(): ReactNode {
  const say = useMessages(runWords)
  const { data, error, isLoading, refresh } = usePolled<Answer>('/hadal/runs', 3000)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const compare = (
    <Button
      kind="primary"
      icon="compare"
      isDisabled={chosen.length < 2}
      onPress={() => go('runs', ['compare'], { runs: chosen.join(',') })}
    >
      {chosen.length < 2 ? say.compare : say.compareCount(chosen.length)}
    </Button>
  )
  const hasRuns = data !== undefined && data.runs.length > 0
  return (
    <Page title={say.title} lead={say.lead} actions={hasRuns ? compare : undefined}>
      {isLoading && <Skeleton lines={8} />}
      {error !== undefined && data === undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && <StaleNotice error={error} />}
      {data !== undefined && data.runs.length === 0 && <NoRuns roots={data.roots} />}
      {data?.isCut && <Notice>{say.cut}</Notice>}
      {hasRuns && <Runs runs={data.runs} chosen={chosen} onChoose={setChosen} />}
      {hasRuns && (
        <p className="soft small">{say.searched(data.roots.map(({ folder }) => folder).join(', '))}</p>
      )}
    </Page>
  )
}

function NoRuns({ roots }: { readonly roots: Answer['roots'] }): ReactNode {
  const say = useMessages(runWords)
  return (
    <EmptyState title={say.emptyTitle} icon="curve">
      <p>{say.emptyText}</p>
      <CodeBlock language="sh" code="npx hadal train recipes/fine-tune --profile" />
      <p>{say.emptyWhere}</p>
      <CodeBlock language="sh" code="npx hadal serve --runs-dir runs,/mnt/shared/runs" />
      <p className="soft small">
        {roots
          .map(({ folder, isThere }) => (isThere ? say.searched(folder) : say.missingRoot(folder)))
          .join(' ')}
      </p>
    </EmptyState>
  )
}

interface RunsProps {
  readonly runs: readonly RunSummary[]
  readonly chosen: readonly string[]
  readonly onChoose: (chosen: readonly string[]) => void
}

function Runs({ runs, chosen, onChoose }: RunsProps): ReactNode {
  const say = useMessages(runWords)
  const [filter, setFilter] = useState('')
  const [state, setState] = useState<RunState | 'all'>('all')
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase()
    return runs.filter(
      (run) =>
        (state === 'all' || run.state === state) && `${run.name} ${run.path}`.toLowerCase().includes(wanted),
    )
  }, [runs, filter, state])
  const columns = useMemo(() => columnsOf(say, chosen, onChoose), [say, chosen, onChoose])
  return (
    <>
      <div className="fields">
        <TextField label={say.filter} type="search" value={filter} onChange={setFilter} />
        <Select
          label={say.state}
          value={state}
          options={[
            { value: 'all', label: say.allStates },
            ...runStates.map((each) => ({ value: each, label: say[each] })),
          ]}
          onChange={setState}
        />
      </div>
      <Card isFlush>
        <Table
          label={say.title}
          columns={columns}
          rows={shown}
          keyOf={(run) => run.id}
          empty={<p className="soft">{say.noneMatch}</p>}
        />
      </Card>
      <p className="soft small">{say.compareHint}</p>
    </>
  )
}

function columnsOf(
  say: RunWords,
  chosen: readonly string[],
  onChoose: (chosen: readonly string[]) => void,
): Column<RunSummary>[] {
  return [
    {
      key: 'chosen',
      label: say.compare,
      render: ({ id, name }) => {
        const isChosen = chosen.includes(id)
        return (
          <input
            type="checkbox"
            className="runs-pick"
            aria-label={say.pick(name)}
            checked={isChosen}
            disabled={!isChosen && chosen.length >= maxCompared}
            onChange={() => onChoose(isChosen ? chosen.filter((each) => each !== id) : [...chosen, id])}
          />
        )
      },
    },
    {
      key: 'name',
      label: say.name,
      sortBy: ({ name }) => name,
      render: ({ id, name, path }) => (
        <div className="runs-name">
          <a href={hrefOf('runs', [id])}>{name}</a>
          {path !== name && <span className="faint small">{path}</span>}
        </div>
      ),
    },
    {
      key: 'state',
      label: say.state,
      sortBy: (run) => run.state,
      render: (run) => <StateBadge state={run.state} />,
    },
    {
      key: 'steps',
      label: say.steps,
      isNumber: true,
      sortBy: (run) => run.step ?? -1,
      render: (run) => <Progress run={run} label={say.steps} />,
    },
    {
      key: 'loss',
      label: say.loss,
      isNumber: true,
      sortBy: (run) => run.loss ?? Number.MAX_VALUE,
      render: (run) => formatFigure(run.loss),
    },
    {
      key: 'best',
      label: say.best,
      isNumber: true,
      sortBy: (run) => run.bestLoss ?? Number.MAX_VALUE,
      render: (run) => formatFigure(run.bestLoss),
    },
    {
      key: 'parameters',
      label: say.parameters,
      isNumber: true,
      isExtra: true,
      sortBy: (run) => run.parameters ?? -1,
      render: (run) => formatLarge(run.parameters),
    },
    {
      key: 'changed',
      label: say.changed,
      isNumber: true,
      sortBy: (run) => -run.changedAt,
      render: (run) => formatTime(run.changedAt),
    },
  ]
}

function Progress({ run, label }: { readonly run: RunSummary; readonly label: string }): ReactNode {
  const { step, totalSteps } = run
  if (step === undefined) return '–'
  if (totalSteps === undefined) return formatCount(step)
  const text = `${formatCount(step)} / ${formatCount(totalSteps)}`
  if (run.state !== 'running') return text
  return (
    <div className="runs-progress">
      {text}
      <Meter label={label} isLabelHidden value={step} max={totalSteps} />
    </div>
  )
}
