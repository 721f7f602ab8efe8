/** Recent requests, active ones first; details of the one in the URL. */

import { type ReactNode, useMemo } from 'react'
import {
  Badge,
  Card,
  type Column,
  Dialog,
  EmptyState,
  formatCount,
  formatMillis,
  formatTime,
  Table,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { type Store, useStore } from '../../../store.ts'
import type { RequestRow } from '../feed/request-log.ts'
import { liveWords } from '../words.ts'
import { RequestDetails } from './request-details.tsx'

type Words = ReturnType<typeof useMessages<typeof liveWords.en>>

const maxShown = 40

export function RequestsCard({
  requests: store,
}: {
  readonly requests: Store<readonly RequestRow[]>
}): ReactNode {
  const requests = useStore(store)
  const say = useMessages(liveWords)
  const columns = useMemo(() => columnsOf(say), [say])
  const shown = useMemo(() => requests.slice(0, maxShown), [requests])
  const { query } = useRoute()
  const wanted = query.get('request')
  const chosen = wanted === null ? undefined : requests.find(({ id }) => id === wanted)
  const show = (id: string | undefined): void => {
    const { request: _, ...rest } = Object.fromEntries(query)
    go('live', [], id === undefined ? rest : { ...rest, request: id })
  }
  return (
    <Card title={say.requests} lead={say.requestsWhat} isFlush>
      <Table
        label={say.requests}
        columns={columns}
        rows={shown}
        keyOf={({ id }) => id}
        onPress={({ id }) => show(id)}
        {...(wanted !== null && { selected: wanted })}
        maxRows={14}
        empty={
          <EmptyState title={say.noRequests} icon="pulse">
            <p>{say.noRequestsWhy}</p>
          </EmptyState>
        }
      />
      <Dialog title={say.requestTitle} isOpen={wanted !== null} onClose={() => show(undefined)} place="side">
        {chosen?.timeline === undefined ? (
          <p className="soft">{chosen === undefined ? say.requestGone : say.underWay}</p>
        ) : (
          <RequestDetails timeline={chosen.timeline} onRequest={show} />
        )}
      </Dialog>
    </Card>
  )
}

function columnsOf(say: Words): Column<RequestRow>[] {
  const first = ({
    timeline,
  }: RequestRow): NonNullable<RequestRow['timeline']>['sequences'][number] | undefined =>
    timeline?.sequences[0]
  const sum = (
    row: RequestRow,
    of: 'promptTokens' | 'cachedTokens' | 'completionTokens',
  ): number | undefined => {
    const { timeline } = row
    if (timeline === undefined) return undefined
    if (timeline.sequences.length === 0) return of === 'cachedTokens' ? undefined : timeline.usage?.[of]
    return timeline.sequences.reduce((total, sequence) => total + (sequence[of] ?? 0), 0)
  }
  return [
    { key: 'at', label: say.came, render: ({ at }) => formatTime(at), sortBy: ({ at }) => at },
    { key: 'status', label: say.state, render: (row) => <State row={row} say={say} /> },
    { key: 'model', label: say.model, isExtra: true, render: ({ model }) => model },
    { key: 'route', label: say.route, isExtra: true, render: ({ route }) => <code>{route}</code> },
    {
      key: 'tokens',
      label: say.promptAndNew,
      isNumber: true,
      render: (row) => {
        const cached = sum(row, 'cachedTokens') ?? 0
        return `${formatCount(sum(row, 'promptTokens'))}${cached > 0 ? say.cachedShort(formatCount(cached)) : ''} → ${formatCount(sum(row, 'completionTokens'))}`
      },
    },
    {
      key: 'queue',
      label: say.waited,
      isNumber: true,
      isExtra: true,
      render: (row) => formatMillis(first(row)?.queueMillis),
      sortBy: (row) => first(row)?.queueMillis ?? -1,
    },
    {
      key: 'ttft',
      label: say.ttftShort,
      isNumber: true,
      render: (row) => formatMillis(first(row)?.firstTokenMillis),
      sortBy: (row) => first(row)?.firstTokenMillis ?? -1,
    },
    {
      key: 'millis',
      label: say.whole,
      isNumber: true,
      render: ({ timeline }) => formatMillis(timeline?.millis),
      sortBy: ({ timeline }) => timeline?.millis ?? Number.POSITIVE_INFINITY,
    },
  ]
}

function State({ row: { timeline }, say }: { readonly row: RequestRow; readonly say: Words }): ReactNode {
  if (timeline === undefined) return <Badge tone="accent">{say.running}</Badge>
  const { status = 0, error } = timeline
  if (error !== undefined) return <Badge tone="bad">{error}</Badge>
  if (status === 499) return <Badge tone="warn">{say.clientLeft}</Badge>
  return <Badge tone={status < 400 ? 'good' : 'bad'}>{String(status)}</Badge>
}
