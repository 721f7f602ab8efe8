/** Compares runs: overlaid curves, and configuration differences. */

import type { RunDetail } from '@hadal/protocol'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { getJson } from '../../../api/request.ts'
import {
  ButtonLink,
  Card,
  type Column,
  EmptyState,
  ErrorState,
  Notice,
  Page,
  Skeleton,
  Switch,
  Table,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { hrefOf } from '../../../shell/route.ts'
import { labelOf, type ShownRun } from '../curves/charts-of.ts'
import { RunCharts } from '../curves/run-charts.tsx'
import { useCurves } from '../curves/use-curves.ts'
import { StaleNotice } from '../stale-notice.tsx'
import { runWords } from '../words.ts'
import { configDiff, type SettingRow } from './config-diff.ts'

const maxRuns = 6

export function CompareRuns({ ids: requested }: { readonly ids: readonly string[] }): ReactNode {
  const say = useMessages(runWords)
  const list = requested.slice(0, maxRuns).join(',')
  const ids = useMemo(() => list.split(',').filter(Boolean), [list])
  const { details, missing, error } = useDetails(ids)
  const { curves, error: curvesError } = useCurves(ids)
  const runs = useMemo(
    (): ShownRun[] =>
      ids.flatMap((id) => {
        const [detail, own] = [details.get(id), curves.get(id)]
        return detail && own ? [{ detail, curves: own }] : []
      }),
    [ids, details, curves],
  )
  const back = (
    <ButtonLink href={hrefOf('runs')} icon="left">
      {say.back}
    </ButtonLink>
  )
  const isLoading = details.size === 0 && error === undefined && missing.length < ids.length
  return (
    <Page
      title={say.compareTitle}
      lead={ids.length > 0 ? say.compareLead(ids.length) : undefined}
      actions={back}
    >
      {ids.length === 0 && <EmptyState title={say.compareNone}>{say.compareNoneText}</EmptyState>}
      {isLoading && ids.length > 0 && <Skeleton lines={8} />}
      {error !== undefined && details.size === 0 && <ErrorState error={error} />}
      {details.size > 0 && <StaleNotice error={error ?? (missing.length === 0 ? curvesError : undefined)} />}
      {missing.map((id) => (
        <Notice key={id} tone="warn">
          {say.missing(id)}
        </Notice>
      ))}
      {runs.length > 0 && <RunCharts runs={runs} />}
      {runs.length > 1 && (
        <Differences runs={runs} configs={runs.map(({ detail }) => details.get(detail.id)?.config)} />
      )}
    </Page>
  )
}

interface Details {
  readonly details: ReadonlyMap<string, RunDetail>
  readonly missing: readonly string[]
  readonly error: ApiError | undefined
}

const againMillis = 3000

/** Runs' details rarely change: requested once, and again while the server is away. */
function useDetails(ids: readonly string[]): Details {
  const [state, setState] = useState<Details>({ details: new Map(), missing: [], error: undefined })
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const details = new Map<string, RunDetail>()
      const missing: string[] = []
      let error: ApiError | undefined
      for (const id of ids)
        try {
          details.set(
            id,
            await getJson<RunDetail>(`/hadal/runs/${encodeURIComponent(id)}`, { signal: stop.signal }),
          )
        } catch (thrown) {
          if (thrown instanceof ApiError && thrown.code === 'run_not_found') missing.push(id)
          else error = thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
        }
      if (stop.signal.aborted) return
      setState((was) => (error === undefined ? { details, missing, error } : { ...was, error }))
      if (error !== undefined) timer = setTimeout(() => void ask(), againMillis)
    }
    void ask()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [ids])
  return state
}

interface DifferencesProps {
  readonly runs: readonly ShownRun[]
  readonly configs: readonly (RunDetail['config'] | undefined)[]
}

function Differences({ runs, configs }: DifferencesProps): ReactNode {
  const say = useMessages(runWords)
  const [showsAll, setShowsAll] = useState(false)
  const rows = useMemo(() => configDiff(configs), [configs])
  const shown = rows.filter(({ isSame }) => showsAll || !isSame)
  const columns: Column<SettingRow>[] = [
    { key: 'key', label: say.setting, sortBy: ({ key }) => key, render: ({ key }) => <code>{key}</code> },
    ...runs.map(
      (run, at): Column<SettingRow> => ({
        key: run.detail.id,
        label: labelOf(run, runs),
        isText: true,
        render: ({ values, isSame }) => {
          const value = values[at]
          if (value === undefined) return <span className="faint">{say.notSaid}</span>
          return <code className={isSame ? 'soft' : 'runs-differs'}>{value.slice(0, 300)}</code>
        },
      }),
    ),
  ]
  return (
    <Card
      title={say.difference}
      isFlush
      actions={<Switch label={say.allSettings} isOn={showsAll} onChange={setShowsAll} />}
    >
      <Table
        label={say.difference}
        columns={columns}
        rows={shown}
        keyOf={({ key }) => key}
        empty={<p className="soft">{say.same}</p>}
      />
    </Card>
  )
}
