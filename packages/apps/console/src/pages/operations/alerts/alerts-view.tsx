/** Alert rules with their Prometheus state and runbooks. */

import type { AlertRuleAnswer, AlertState, AlertsAnswer, AlertTargetAnswer } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Badge,
  Button,
  Card,
  CodeBlock,
  EmptyState,
  ErrorState,
  Notice,
  Segmented,
  Skeleton,
  Table,
  TextField,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { InlineCode } from '../inline-code.tsx'
import { SeverityBadge } from '../severity-badge.tsx'
import { alertsWords } from './alerts-words.ts'
import { RuleDialog } from './rule-dialog.tsx'
import { keyOfRule, untemplated } from './rule-texts.ts'

const pollMillis = 15_000

export function AlertsView(): ReactNode {
  const say = useMessages(alertsWords)
  const { rest } = useRoute()
  const { data, error, isLoading, refresh } = usePolled<AlertsAnswer>('/hadal/alerts', pollMillis)
  const open = data?.rules.find((rule) => keyOfRule(data.rules, rule) === rest[1])
  return (
    <div className="ops-stack">
      {error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {isLoading && <Skeleton lines={12} />}
      {data !== undefined && (
        <>
          <Watching answer={data} onRefresh={refresh} />
          {data.silence.length > 0 && (
            <Notice tone="warn">
              {say.silence}: {data.silence.join('; ')}
            </Notice>
          )}
          <Rules rules={data.rules} />
          {data.targets.length > 0 && <Targets targets={data.targets} />}
        </>
      )}
      <RuleDialog rule={open} onClose={() => go('operations', ['alerts'])} />
    </div>
  )
}

interface WatchingProps {
  readonly answer: AlertsAnswer
  readonly onRefresh: () => void
}

/** The source of the alert states, and a one-sentence summary. */
function Watching({ answer: { prometheus, rules }, onRefresh }: WatchingProps): ReactNode {
  const say = useMessages(alertsWords)
  const { source, url, answers, problem } = prometheus
  if (source === 'none')
    return (
      <EmptyState title={say.noneTitle} icon="bell">
        <p>{say.noneText}</p>
        <CodeBlock code={`hadal monitor up --url ${location.origin}`} language="sh" />
        <p className="soft small">
          <InlineCode text={say.noneCluster} />
        </p>
      </EmptyState>
    )
  const again = <Button icon="refresh" label={say.refresh} onPress={onRefresh} />
  const where = `${url ?? ''} (${source === 'local' ? say.sourceLocal : say.sourceConfig})`
  if (!answers)
    return (
      <Notice tone="bad" action={again}>
        <strong>{say.silentTitle}</strong> {where}: {problem}. {say.silentText}
      </Notice>
    )
  const firing = rules.filter(({ state }) => state === 'firing').length
  return (
    <Notice tone={firing > 0 ? 'bad' : 'good'} action={again}>
      <strong>{firing > 0 ? say.fire(firing) : say.noneFires}</strong>{' '}
      <span className="soft">
        {say.prometheus}: {where}
      </span>
    </Notice>
  )
}

const stateTones = {
  firing: 'bad',
  pending: 'warn',
  inactive: 'good',
  notLoaded: 'plain',
  unknown: 'plain',
} as const

const stateRank: Readonly<Record<AlertState, number>> = {
  firing: 0,
  pending: 1,
  unknown: 2,
  notLoaded: 3,
  inactive: 4,
}

type Shown = 'all' | 'firing' | 'pending'

function Rules({ rules }: { readonly rules: readonly AlertRuleAnswer[] }): ReactNode {
  const say = useMessages(alertsWords)
  const [sought, setSought] = useState('')
  const [shown, setShown] = useState<Shown>('all')
  const wanted = sought.trim().toLowerCase()
  const found = rules.filter(
    ({ alert, summary, topic, state }) =>
      (shown === 'all' || state === shown) && `${alert} ${summary} ${topic}`.toLowerCase().includes(wanted),
  )
  const count = (state: AlertState): number => rules.filter((each) => each.state === state).length
  return (
    <Card
      title={say.rules}
      lead={
        rules.every(({ state }) => state === 'unknown')
          ? say.countAll(rules.length)
          : say.counts(count('firing'), count('pending'), rules.length)
      }
      isFlush
      actions={
        <>
          <Segmented
            label={say.state}
            value={shown}
            options={(['all', 'firing', 'pending'] as const).map((value) => ({ value, label: say[value] }))}
            onChange={setShown}
          />
          <TextField
            label={say.search}
            isLabelHidden
            type="search"
            placeholder={say.search}
            value={sought}
            onChange={setSought}
          />
        </>
      }
    >
      <Table
        label={say.table}
        rows={found.toSorted((a, b) => stateRank[a.state] - stateRank[b.state])}
        keyOf={(rule) => keyOfRule(rules, rule)}
        onPress={(rule) => go('operations', ['alerts', keyOfRule(rules, rule)])}
        empty={say.noMatch}
        columns={[
          {
            key: 'state',
            label: say.state,
            render: ({ state }) => <Badge tone={stateTones[state]}>{say[state]}</Badge>,
            sortBy: ({ state }) => stateRank[state],
          },
          {
            key: 'alert',
            label: say.alert,
            render: ({ alert }) => <strong>{alert}</strong>,
            sortBy: ({ alert }) => alert,
          },
          {
            key: 'severity',
            label: say.severity,
            render: ({ severity }) => <SeverityBadge severity={severity} />,
            sortBy: ({ severity }) => severity,
          },
          {
            key: 'topic',
            label: say.topic,
            isExtra: true,
            render: ({ topic }) => topic,
            sortBy: ({ topic }) => topic,
          },
          { key: 'for', label: say.for, isExtra: true, isNumber: true, render: (rule) => rule.for ?? '–' },
          {
            key: 'summary',
            label: say.summary,
            isText: true,
            isExtra: true,
            render: ({ instances, summary }) => instances[0]?.summary || untemplated(summary),
          },
        ]}
      />
    </Card>
  )
}

function Targets({ targets }: { readonly targets: readonly AlertTargetAnswer[] }): ReactNode {
  const say = useMessages(alertsWords)
  const tones = { up: 'good', down: 'bad', unknown: 'warn' } as const
  return (
    <Card title={say.targets} isFlush>
      <Table
        label={say.targets}
        rows={targets}
        keyOf={({ job, url }) => `${job} ${url}`}
        maxRows={10}
        columns={[
          {
            key: 'job',
            label: say.job,
            render: ({ job }) => <strong>{job}</strong>,
            sortBy: ({ job }) => job,
          },
          {
            key: 'health',
            label: say.health,
            render: ({ health }) => <Badge tone={tones[health]}>{say[health]}</Badge>,
            sortBy: ({ health }) => health,
          },
          { key: 'url', label: say.url, render: ({ url }) => <code>{url}</code> },
          { key: 'error', label: say.error, isText: true, render: ({ error }) => error },
        ]}
      />
    </Card>
  )
}
