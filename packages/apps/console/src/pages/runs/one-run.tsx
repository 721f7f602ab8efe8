/** One run: its metrics, and tabs with curves, samples, events, files, configuration and profile. */

import type { RunDetail } from '@hadal/protocol'
import { type ReactNode, useMemo } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import {
  ButtonLink,
  ErrorState,
  formatCount,
  formatMillis,
  formatPercent,
  Notice,
  Page,
  Skeleton,
  Stat,
  Tabs,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, hrefOf, useRoute } from '../../shell/route.ts'
import { type ShownRun, utilizationScale } from './curves/charts-of.ts'
import type { RunCurves } from './curves/curves-of-run.ts'
import { RunCharts } from './curves/run-charts.tsx'
import { useCurves } from './curves/use-curves.ts'
import { formatFigure, formatLarge } from './format-figure.ts'
import { Profile } from './profile/profile.tsx'
import { RunConfig } from './run-config.tsx'
import { RunFileTable } from './run-files.tsx'
import { RunNotes } from './run-notes.tsx'
import { RunSamples } from './run-samples.tsx'
import { StateBadge } from './run-state.tsx'
import { StaleNotice } from './stale-notice.tsx'
import { runWords } from './words.ts'

const tabs = ['curves', 'samples', 'events', 'files', 'config', 'profile'] as const
type Tab = (typeof tabs)[number]

export function OneRun({ id }: { readonly id: string }): ReactNode {
  const say = useMessages(runWords)
  const { query } = useRoute()
  const tab: Tab = tabs.find((each) => each === query.get('tab')) ?? 'curves'
  const { data, error, isLoading, refresh } = usePolled<RunDetail>(
    `/hadal/runs/${encodeURIComponent(id)}`,
    4000,
  )
  const ids = useMemo(() => [id], [id])
  const { curves, error: curvesError } = useCurves(ids)
  const own = curves.get(id)
  const back = (
    <ButtonLink href={hrefOf('runs')} icon="left">
      {say.back}
    </ButtonLink>
  )
  if (data === undefined)
    return (
      <Page title={say.title} actions={back}>
        {isLoading && <Skeleton lines={8} />}
        {error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      </Page>
    )
  const counts: Partial<Record<Tab, number>> = {
    samples: data.samples.length,
    events: data.notes.length,
    files: data.files.length,
  }
  return (
    <Page
      title={data.name}
      lead={data.path === data.name ? undefined : data.path}
      actions={
        <>
          <StateBadge state={data.state} />
          {back}
        </>
      }
    >
      <StaleNotice error={error ?? curvesError} />
      <Outcome run={data} />
      <Figures run={data} curves={own} />
      <Tabs
        label={say.title}
        value={tab}
        tabs={tabs.map((value) => ({
          value,
          label: say[value],
          ...(counts[value] !== undefined && { count: counts[value] }),
        }))}
        onChange={(next) => go('runs', [id], next === 'curves' ? {} : { tab: next })}
      />
      <div role="tabpanel" aria-label={say[tab]} className="runs-panel">
        {tab === 'curves' && <Curves run={data} curves={own} />}
        {tab === 'samples' && <RunSamples samples={data.samples} />}
        {tab === 'events' && <RunNotes notes={data.notes} />}
        {tab === 'files' && <RunFileTable run={data} />}
        {tab === 'config' && <RunConfig run={data} />}
        {tab === 'profile' && <Profile id={id} isThere={data.hasProfile} />}
      </div>
    </Page>
  )
}

/** How it ended, where that needs words. */
function Outcome({ run }: { readonly run: RunDetail }): ReactNode {
  const say = useMessages(runWords)
  const { state, reason, code, help } = run
  if (state === 'died') return <Notice tone="bad">{say.diedHint}</Notice>
  if (reason === undefined) return null
  return (
    <Notice tone={state === 'failed' ? 'bad' : 'plain'}>
      {reason}
      {help !== undefined && <> {help}</>}
      {code !== undefined && (
        <>
          {' '}
          <code>{code}</code>
        </>
      )}
    </Notice>
  )
}

function Figures({
  run,
  curves,
}: {
  readonly run: RunDetail
  readonly curves: RunCurves | undefined
}): ReactNode {
  const say = useMessages(runWords)
  const speed = curves?.last.unitsPerSecond?.value
  const scale = utilizationScale({ detail: run })
  const step = curves?.last.loss?.step ?? run.step
  const seconds = curves?.progress.seconds.at(-1)
  const epsilon = curves?.last.epsilon?.value
  return (
    <div className="stats">
      <Stat
        label={say.progress}
        value={formatCount(step)}
        hint={run.totalSteps === undefined ? undefined : say.ofSteps(formatCount(run.totalSteps))}
      />
      <Stat
        label={say.lastLoss}
        value={formatFigure(curves?.last.loss?.value ?? run.loss)}
        trend={trendOf(curves)}
      />
      {run.bestLoss !== undefined && (
        <Stat
          label={say.bestLoss}
          value={formatFigure(run.bestLoss)}
          hint={say.atStep(formatCount(run.bestStep))}
        />
      )}
      {speed !== undefined && (
        <Stat label={say.speed} value={`${formatLarge(speed)} ${run.unit ?? 'tokens'}/s`} />
      )}
      {speed !== undefined && scale !== undefined && (
        <Stat label={say.utilization} value={formatPercent(speed * scale)} hint={say.utilizationHint} />
      )}
      {epsilon !== undefined && (
        <Stat
          label={say.epsilon}
          value={formatFigure(epsilon)}
          hint={run.epsilonBudget === undefined ? undefined : say.ofBudget(formatFigure(run.epsilonBudget))}
          tone={run.epsilonBudget !== undefined && epsilon > run.epsilonBudget ? 'bad' : 'plain'}
        />
      )}
      {seconds !== undefined && <Stat label={say.trained} value={formatMillis(seconds * 1000)} />}
    </div>
  )
}

/** The last 60 points of the displayed curve. */
const trendOf = (curves: RunCurves | undefined): readonly number[] | undefined =>
  curves?.series.get('loss')?.values.slice(-60)

function Curves({
  run,
  curves,
}: {
  readonly run: RunDetail
  readonly curves: RunCurves | undefined
}): ReactNode {
  const { id, name, path, unit, flopsPerToken, peakFlops, epsilonBudget } = run
  // Polling returns equal values; rebuild the charts only if their content changes.
  const rates = JSON.stringify(run.rates)
  const shown = useMemo((): ShownRun[] => {
    if (curves === undefined) return []
    const known = { unit, flopsPerToken, peakFlops, epsilonBudget }
    const said = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
    return [{ detail: { id, name, path, rates: JSON.parse(rates), ...said }, curves }]
  }, [id, name, path, unit, flopsPerToken, peakFlops, epsilonBudget, rates, curves])
  if (curves === undefined) return <Skeleton lines={8} />
  return (
    <>
      <CurveNotices curves={curves} />
      <RunCharts runs={shown} />
    </>
  )
}

function CurveNotices({ curves }: { readonly curves: RunCurves }): ReactNode {
  const say = useMessages(runWords)
  const { isReading, readShare, damagedLines, notFinite } = curves
  return (
    <>
      {isReading && readShare < 0.99 && <Notice>{say.reading(formatPercent(readShare))}</Notice>}
      {damagedLines > 0 && <Notice tone="warn">{say.damaged(damagedLines)}</Notice>}
      {notFinite > 0 && <Notice tone="warn">{say.notFinite(notFinite)}</Notice>}
    </>
  )
}
