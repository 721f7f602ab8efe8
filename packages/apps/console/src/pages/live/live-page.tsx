/** The live page: current activity, and history over minutes, hours and the day. */

import type { LiveModel, LiveState } from '@hadal/protocol'
import { type ReactNode, useEffect } from 'react'
import { keys } from '../../api/keys.ts'
import {
  Badge,
  Button,
  Card,
  EmptyState,
  ErrorState,
  Notice,
  Page,
  Segmented,
  Select,
  Skeleton,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { createStore, useStore } from '../../store.ts'
import { CacheCard } from './cards/cache-card.tsx'
import { ColdStartCard } from './cards/cold-start-card.tsx'
import { HistoryCharts } from './cards/history-charts.tsx'
import { LiveStats } from './cards/live-stats.tsx'
import { MachineCard } from './cards/machine-card.tsx'
import { QueueCard } from './cards/queue-card.tsx'
import { RequestsCard } from './cards/requests-card.tsx'
import { createLiveSession, type LiveSession } from './feed/live-session.ts'
import { type Span, spans } from './history/history.ts'
import './live.css'
import { BatchTimeline } from './timeline/batch-timeline.tsx'
import { liveWords } from './words.ts'

/** One session per tab: its history is there when the user returns to the page. */
const session: LiveSession = createLiveSession()
const attempt = createStore(0)

export default function LivePage(): ReactNode {
  const say = useMessages(liveWords)
  const held = useStore(keys)
  const round = useStore(attempt)
  const state = useStore(session.state)
  const error = useStore(session.error)
  const isPaused = useStore(session.isPaused)
  const { query } = useRoute()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key, or another try, opens the streams again
  useEffect(() => session.open(), [held, round])
  const span = spans.find((each) => each === query.get('span')) ?? '5m'
  const model = modelOf(state, query.get('model'))

  const turnTo = (change: Readonly<Record<string, string>>): void =>
    go('live', [], { ...Object.fromEntries(query), ...change })

  const actions = (
    <>
      {state !== undefined && state.models.length > 1 && (
        <Select
          label={say.model}
          isLabelHidden
          value={model?.id ?? ''}
          options={state.models.map(({ id }) => ({ value: id, label: id }))}
          onChange={(id) => turnTo({ model: id })}
        />
      )}
      <Segmented<Span>
        label={say.span}
        value={span}
        options={spans.map((value) => ({ value, label: say[value] }))}
        onChange={(value) => turnTo({ span: value })}
      />
      <Button
        icon={isPaused ? 'play' : 'pause'}
        isPressed={isPaused}
        onPress={() => session.isPaused.set(!isPaused)}
      >
        {isPaused ? say.goOn : say.pause}
      </Button>
    </>
  )

  return (
    <Page title={say.title} lead={say.lead} actions={actions}>
      {isPaused && <Notice>{say.paused}</Notice>}
      {state === undefined ? (
        error === undefined ? (
          <Card>
            <Skeleton lines={10} />
          </Card>
        ) : (
          <ErrorState error={error} onRetry={() => attempt.set((now) => now + 1)} />
        )
      ) : (
        <>
          {error !== undefined && <Notice tone="warn">{say.away(error.message)}</Notice>}
          {model === undefined ? (
            <EmptyState title={say.noModels} icon="server">
              <p>{say.noModelsWhy}</p>
            </EmptyState>
          ) : (
            <Shown state={state} model={model} span={span} />
          )}
        </>
      )}
    </Page>
  )
}

function Shown({
  state,
  model,
  span,
}: {
  readonly state: LiveState
  readonly model: LiveModel
  readonly span: Span
}): ReactNode {
  useStore(session.historyVersion)
  const { engine } = model
  const history = session.historyOf(model.id)
  const points = history.points(span)
  return (
    <>
      <ModelLine model={model} />
      {/* What is now, whatever the span of the curves. */}
      <LiveStats state={state} model={model} points={history.points('5m')} />
      <BatchTimeline log={session.steps} />
      <HistoryCharts points={points} {...state.slo} />
      <div className="live-pair">
        <CacheCard engine={engine} />
        <div className="stack">
          <QueueCard engine={engine} />
          <MachineCard machine={state.machine} />
          <ColdStartCard model={model} />
        </div>
      </div>
      <RequestsCard requests={session.requests} />
    </>
  )
}

function ModelLine({ model }: { readonly model: LiveModel }): ReactNode {
  const say = useMessages(liveWords)
  const { id, status, error, engine } = model
  const tone = status === 'ready' ? 'good' : status === 'failed' || status === 'closed' ? 'bad' : 'warn'
  return (
    <div className="row live-model">
      <strong>{id}</strong>
      <Badge tone={tone}>{say.status(status)}</Badge>
      {engine !== undefined && engine.restarts > 0 && (
        <Badge tone="warn">{say.restarts(engine.restarts)}</Badge>
      )}
      {(engine?.replicas ?? []).map(({ place, standing, state, running, waiting }) => (
        <Badge key={place} tone={state === 'ready' ? 'good' : 'warn'}>
          {say.replica(place, say.status(standing === 'serving' ? state : standing), running, waiting)}
        </Badge>
      ))}
      {error !== undefined && (
        <span className="bad small">
          {error.message} <code>{error.code}</code>
        </span>
      )}
    </div>
  )
}

function modelOf(state: LiveState | undefined, wanted: string | null): LiveModel | undefined {
  return state?.models.find(({ id }) => id === wanted) ?? state?.models[0]
}
