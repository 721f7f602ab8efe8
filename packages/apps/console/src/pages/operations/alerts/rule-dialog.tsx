/** One alert: active instances, expression, and runbook. */

import type { AlertRuleAnswer, RunbookAnswer } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  CodeBlock,
  Dialog,
  Disclosure,
  ErrorState,
  formatTime,
  Notice,
  Skeleton,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { InlineCode } from '../inline-code.tsx'
import { SeverityBadge } from '../severity-badge.tsx'
import { alertsWords } from './alerts-words.ts'
import { untemplated } from './rule-texts.ts'

export interface RuleDialogProps {
  /** Undefined: closed. */
  readonly rule: AlertRuleAnswer | undefined
  readonly onClose: () => void
}

export function RuleDialog({ rule, onClose }: RuleDialogProps): ReactNode {
  return (
    <Dialog title={rule?.alert ?? ''} isOpen={rule !== undefined} onClose={onClose} place="side">
      {rule !== undefined && <RuleDetail rule={rule} />}
    </Dialog>
  )
}

function RuleDetail({ rule }: { readonly rule: AlertRuleAnswer }): ReactNode {
  const say = useMessages(alertsWords)
  const { alert, severity, topic, description, expr, instances, problem, hasRunbook } = rule
  return (
    <div className="ops-stack">
      <div className="row">
        <SeverityBadge severity={severity} />
        <span className="soft">{topic}</span>
        {rule.for !== undefined && (
          <span className="soft">
            {say.for} {rule.for}
          </span>
        )}
      </div>
      <p>{untemplated(description)}</p>
      {problem !== undefined && (
        <Notice tone="warn">
          {say.problem}: {problem}
        </Notice>
      )}
      {instances.length > 0 && (
        <section aria-label={say.instances}>
          <h3>{say.instances}</h3>
          <ul className="ops-findings">
            {instances.map(({ labels, summary, since, state }) => (
              <li key={JSON.stringify(labels)}>
                <p>
                  <strong>{summary}</strong> <span className="soft">{say[state]}</span>{' '}
                  {since !== undefined && <span className="soft">{say.since(formatTime(since))}</span>}
                </p>
                <p className="soft small ops-breaks">
                  {Object.entries(labels)
                    .filter(([name]) => name !== 'alertname' && name !== 'severity')
                    .map(([name, value]) => `${name}=${value}`)
                    .join(' · ')}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Disclosure summary={say.expression}>
        <CodeBlock code={expr} language="promql" isWrapped />
      </Disclosure>
      {hasRunbook ? <Runbook alert={alert} /> : <p className="soft">{say.noRunbook}</p>}
    </div>
  )
}

function Runbook({ alert }: { readonly alert: string }): ReactNode {
  const say = useMessages(alertsWords)
  const { data, error, isLoading, refresh } = usePolled<RunbookAnswer>(
    `/hadal/alerts/${encodeURIComponent(alert)}/runbook`,
  )
  if (error !== undefined && data === undefined) return <ErrorState error={error} onRetry={refresh} />
  if (isLoading || data === undefined) return <Skeleton lines={12} />
  return (
    <section className="ops-runbook" aria-label={say.runbook}>
      <h3>{say.means}</h3>
      <p>
        <InlineCode text={data.means} />
      </p>
      <h3>{say.clients}</h3>
      <p>
        <InlineCode text={data.clients} />
      </p>
      <h3>{say.look}</h3>
      <ol className="ops-list">
        {data.look.map(({ says, language, code }) => (
          <li key={says}>
            <p>
              <InlineCode text={says} />
            </p>
            <CodeBlock code={code} language={language} isWrapped />
          </li>
        ))}
      </ol>
      <Steps title={say.causes} steps={data.causes} />
      <Steps title={say.act} steps={data.act} />
      <h3>{say.wrong}</h3>
      <p>
        <InlineCode text={data.wrong} />
      </p>
    </section>
  )
}

function Steps({ title, steps }: { readonly title: string; readonly steps: readonly string[] }): ReactNode {
  return (
    <>
      <h3>{title}</h3>
      <ol className="ops-list">
        {steps.map((step) => (
          <li key={step}>
            <InlineCode text={step} />
          </li>
        ))}
      </ol>
    </>
  )
}
