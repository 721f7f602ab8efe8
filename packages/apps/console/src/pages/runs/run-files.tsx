/** What a run left in its folder: checkpoints, models, reports, logs. Reports open in a new page. */

import type { ArtefactKind, RunArtefact, RunDetail, RunReportPlace } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { ApiError } from '../../api/api-error.ts'
import { getJson } from '../../api/request.ts'
import {
  Badge,
  Button,
  Card,
  type Column,
  ErrorState,
  formatBytes,
  formatCount,
  formatTime,
  Notice,
  Table,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { formatFigure } from './format-figure.ts'
import { type RunWords, runWords } from './words.ts'

const kindWords = {
  checkpoint: 'fileCheckpoint',
  best: 'fileBest',
  model: 'fileModel',
  profile: 'fileProfile',
  report: 'fileReport',
  log: 'fileLog',
  other: 'fileOther',
} as const satisfies Record<ArtefactKind, keyof RunWords>

export function RunFileTable({ run }: { readonly run: RunDetail }): ReactNode {
  const say = useMessages(runWords)
  const [error, setError] = useState<ApiError>()
  const open = async (path: string): Promise<void> => {
    setError(undefined)
    // Opened by the press itself: a browser blocks what opens later.
    const tab = window.open('', '_blank')
    try {
      const { url } = await getJson<RunReportPlace>(`/hadal/runs/${encodeURIComponent(run.id)}/report`, {
        body: { path },
      })
      if (tab === null) return
      tab.opener = null
      tab.location.href = new URL(url, location.href).href
    } catch (thrown) {
      tab?.close()
      setError(thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown)))
    }
  }
  const columns: Column<RunArtefact>[] = [
    { key: 'path', label: say.path, sortBy: ({ path }) => path, render: ({ path }) => <code>{path}</code> },
    {
      key: 'kind',
      label: say.kind,
      sortBy: ({ kind }) => kind,
      render: ({ kind, step, loss }) => (
        <>
          <Badge tone={kind === 'best' ? 'good' : 'plain'}>{say[kindWords[kind]]}</Badge>{' '}
          {step !== undefined && <span className="soft small">{say.atStep(formatCount(step))}</span>}{' '}
          {loss !== undefined && <span className="soft small number">{formatFigure(loss)}</span>}
        </>
      ),
    },
    {
      key: 'size',
      label: say.size,
      isNumber: true,
      sortBy: ({ bytes }) => bytes,
      render: ({ bytes }) => formatBytes(bytes),
    },
    {
      key: 'changed',
      label: say.changed,
      isNumber: true,
      isExtra: true,
      sortBy: ({ changedAt }) => changedAt,
      render: ({ changedAt }) => formatTime(changedAt),
    },
    {
      key: 'open',
      label: say.open,
      render: ({ path, isReport }) =>
        isReport && (
          <Button
            kind="quiet"
            size="small"
            icon="external"
            label={say.openFile(path)}
            onPress={() => void open(path)}
          />
        ),
    },
  ]
  const bytes = run.files.reduce((sum, file) => sum + file.bytes, 0)
  return (
    <>
      {error !== undefined && <ErrorState error={error} />}
      {run.isCut && <Notice>{say.filesCut}</Notice>}
      <Card isFlush>
        <Table label={say.files} columns={columns} rows={run.files} keyOf={({ path }) => path} />
      </Card>
      <p className="soft small">
        {say.filesTotal(formatCount(run.files.length), formatBytes(bytes))}. {say.reportNote}
      </p>
    </>
  )
}
