/** Reviews and learned attacks; both can be removed here. */

import type { GuardFacts, GuardLearnt, GuardReview } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { getJson } from '../../../api/request.ts'
import { useAction } from '../../../api/use-action.ts'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Badge,
  Button,
  Card,
  CodeBlock,
  type Column,
  EmptyState,
  ErrorState,
  formatTime,
  Skeleton,
  Table,
  toast,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { hrefOf } from '../../../shell/route.ts'
import { guardWords } from '../guard-words.ts'
import { ActionBadge, stops } from '../verdict-words.tsx'

const pollMillis = 10_000

export interface ReviewViewProps {
  readonly facts: GuardFacts
  readonly onChange: () => void
}

export function ReviewView({ facts, onChange }: ReviewViewProps): ReactNode {
  return (
    <>
      <Reviews facts={facts} onChange={onChange} />
      <Learnt facts={facts} />
    </>
  )
}

function Reviews({ facts, onChange }: ReviewViewProps): ReactNode {
  const say = useMessages(guardWords)
  const { data, error, refresh } = usePolled<{ reviews: readonly GuardReview[] }>(
    '/hadal/guard/reviews',
    pollMillis,
  )
  const taking = useAction(async (id: string) => {
    await getJson(`/hadal/guard/reviews/${encodeURIComponent(id)}`, { method: 'DELETE' })
    toast({ text: say.takenBack })
    refresh()
    onChange()
  })
  const columns: readonly Column<GuardReview>[] = [
    {
      key: 'at',
      label: say.at,
      sortBy: ({ at }) => at,
      render: ({ at }) => <span className="number">{formatTime(at)}</span>,
    },
    {
      key: 'really',
      label: say.really,
      sortBy: ({ isAttack }) => Number(isAttack),
      render: ({ isAttack }) => (isAttack ? say.isAttack : say.isBenign),
    },
    { key: 'did', label: say.guardDid, render: (review) => <Judged review={review} /> },
    {
      key: 'text',
      label: say.text,
      isText: true,
      render: ({ text, record }) =>
        text === undefined ? (
          <span className="faint">
            {say.without}
            {record !== undefined && (
              <>
                {' '}
                <a href={hrefOf('guard', ['audit'], { verdict: String(record) })}>
                  {say.verdict(String(record))}
                </a>
              </>
            )}
          </span>
        ) : (
          prefix(text)
        ),
    },
    {
      key: 'forget',
      label: say.forget,
      render: ({ id }) => (
        <Button
          kind="quiet"
          size="small"
          icon="undo"
          label={say.forget}
          isBusy={taking.isBusy}
          onPress={() => void taking.run(id)}
        />
      ),
    },
  ]
  return (
    <Card title={say.reviews} lead={say.reviewsLead(facts.reviewFile)}>
      {taking.error !== undefined && <ErrorState error={taking.error} />}
      {error !== undefined && data === undefined && <ErrorState error={error} onRetry={refresh} />}
      {data === undefined && error === undefined && <Skeleton lines={4} />}
      {data?.reviews.length === 0 && (
        <EmptyState title={say.noReviews} icon="check">
          {say.noReviewsWhy}
        </EmptyState>
      )}
      {data !== undefined && data.reviews.length > 0 && (
        <Table label={say.reviews} columns={columns} rows={data.reviews} keyOf={({ id }) => id} />
      )}
    </Card>
  )
}

function Judged({ review: { action, isAttack } }: { readonly review: GuardReview }): ReactNode {
  const say = useMessages(guardWords)
  if (action === undefined) return <span className="faint">–</span>
  const isRight = stops(action) === isAttack
  return (
    <span className="row">
      <ActionBadge action={action} />
      <Badge tone={isRight ? 'good' : 'bad'}>
        {isRight ? say.right : isAttack ? say.missed : say.wronglyStopped}
      </Badge>
    </span>
  )
}

const config = `guard: {
  files: { attacks: 'guard-attacks.jsonl' },
},`

function Learnt({ facts }: { readonly facts: GuardFacts }): ReactNode {
  const say = useMessages(guardWords)
  const { data, error, refresh } = usePolled<{ learnt: readonly GuardLearnt[] }>(
    facts.learnsInto === undefined ? undefined : '/hadal/guard/learnt',
    pollMillis,
  )
  const forgetting = useAction(async (id: string) => {
    await getJson(`/hadal/guard/learnt/${encodeURIComponent(id)}`, { method: 'DELETE' })
    toast({ text: say.forgotten })
    refresh()
  })
  if (facts.learnsInto === undefined)
    return (
      <Card title={say.learntTitle}>
        <EmptyState title={say.learntOff}>{say.learntOffWhy}</EmptyState>
        <CodeBlock code={config} language="ts" label="hadal.config.ts" />
      </Card>
    )
  const columns: readonly Column<GuardLearnt>[] = [
    { key: 'at', label: say.at, sortBy: ({ at }) => at, render: ({ at }) => formatTime(at) },
    { key: 'id', label: 'id', isExtra: true, render: ({ id }) => <code>{id}</code> },
    { key: 'source', label: say.source, isExtra: true, render: ({ source }) => source },
    { key: 'text', label: say.text, isText: true, render: ({ text }) => prefix(text) },
    {
      key: 'forget',
      label: say.forget,
      render: ({ id }) => (
        <Button size="small" isBusy={forgetting.isBusy} onPress={() => void forgetting.run(id)}>
          {say.forget}
        </Button>
      ),
    },
  ]
  return (
    <Card title={say.learntTitle} lead={say.learntLead(facts.learnsInto)}>
      {forgetting.error !== undefined && <ErrorState error={forgetting.error} />}
      {error !== undefined && data === undefined && <ErrorState error={error} onRetry={refresh} />}
      {data === undefined && error === undefined && <Skeleton lines={3} />}
      {data?.learnt.length === 0 && <p className="soft">{say.learntNone}</p>}
      {data !== undefined && data.learnt.length > 0 && (
        <Table label={say.learntTitle} columns={columns} rows={data.learnt} keyOf={({ id }) => id} />
      )}
    </Card>
  )
}

const prefix = (text: string): string => (text.length > 160 ? `${text.slice(0, 159)}…` : text)
