/** An explanation: cause, evidence, fix, other findings, and their order. */

import type { EvidenceLine, ExplainAnswer, ExplainedCause } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Card, CodeBlock, Disclosure, formatCount, formatTime, Notice, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { InlineCode } from '../inline-code.tsx'
import { SeverityBadge } from '../severity-badge.tsx'
import { doctorWords } from './doctor-words.ts'

export function ExplanationView({ answer }: { readonly answer: ExplainAnswer }): ReactNode {
  const say = useMessages(doctorWords)
  const { cause, alsoSeen, timeline, read, suspicious } = answer
  const consequences = alsoSeen.filter(({ isConsequence }) => isConsequence === true)
  const others = alsoSeen.filter(({ isConsequence }) => isConsequence !== true)
  return (
    <div className="ops-stack">
      <div role="status">
        {cause === undefined ? <NoCause answer={answer} /> : <CauseCard cause={cause} title={say.cause} />}
      </div>
      {suspicious.length > 0 && (
        <Card title={say.suspicious}>
          <EvidenceLines lines={suspicious} />
        </Card>
      )}
      <Others title={say.consequences} causes={consequences} />
      <Others title={say.alsoSeen} causes={others} />
      {timeline.length > 1 && (
        <Card title={say.timeline} isFlush>
          <Table
            label={say.timeline}
            rows={timeline}
            keyOf={({ file, line, causeId }) => `${file} ${line} ${causeId}`}
            maxRows={12}
            columns={[
              { key: 'when', label: say.when, render: ({ at }) => (at === undefined ? '–' : formatTime(at)) },
              { key: 'place', label: say.file, render: ({ file, line }) => <code>{`${file}:${line}`}</code> },
              { key: 'cause', label: say.cause, render: ({ causeId }) => causeId },
              {
                key: 'text',
                label: say.text,
                isText: true,
                isExtra: true,
                render: ({ text }) => <code className="ops-breaks">{text}</code>,
              },
            ]}
          />
        </Card>
      )}
      <p className="soft small">
        {say.read}: {read.join('; ')}
      </p>
    </div>
  )
}

function NoCause({ answer: { suspicious, isNothingThere } }: { readonly answer: ExplainAnswer }): ReactNode {
  const say = useMessages(doctorWords)
  if (isNothingThere === true) return <Notice tone="warn">{say.noText}</Notice>
  return suspicious.length > 0 ? (
    <Notice tone="warn">
      <strong>{say.unknownTitle}.</strong> {say.unknownText}
    </Notice>
  ) : (
    <Notice tone="good">
      <strong>{say.nothingTitle}.</strong> {say.nothingText}
    </Notice>
  )
}

interface CauseCardProps {
  readonly title: string
  readonly cause: ExplainedCause
}

function CauseCard({ title, cause }: CauseCardProps): ReactNode {
  return (
    <Card title={title}>
      <Cause cause={cause} />
    </Card>
  )
}

function Others({
  title,
  causes,
}: {
  readonly title: string
  readonly causes: readonly ExplainedCause[]
}): ReactNode {
  if (causes.length === 0) return null
  return (
    <Card title={title}>
      {causes.map((cause) => (
        <Disclosure
          key={cause.id}
          summary={
            <span className="ops-diff-head">
              <SeverityBadge severity={cause.severity} /> {cause.title}
            </span>
          }
        >
          <Cause cause={cause} />
        </Disclosure>
      ))}
    </Card>
  )
}

function Cause({ cause }: { readonly cause: ExplainedCause }): ReactNode {
  const say = useMessages(doctorWords)
  const { severity, title, says, fix, evidence, times, source } = cause
  const isLink = source.url !== undefined && /^https?:\/\//.test(source.url)
  return (
    <div className="ops-stack">
      <div className="row">
        <SeverityBadge severity={severity} />
        <strong>{title}</strong>
        {times > 1 && <span className="soft">{say.times(formatCount(times))}</span>}
      </div>
      <p>
        <InlineCode text={says} />
      </p>
      <EvidenceLines lines={evidence} />
      <p>
        <InlineCode text={fix.text} />
      </p>
      {fix.command !== undefined && <CodeBlock code={fix.command} language="sh" label={say.fix} isWrapped />}
      <p className="soft small">
        {say.source}:{' '}
        {isLink ? (
          <a href={source.url} target="_blank" rel="noopener noreferrer">
            {source.title}
          </a>
        ) : (
          source.title
        )}
      </p>
    </div>
  )
}

function EvidenceLines({ lines }: { readonly lines: readonly EvidenceLine[] }): ReactNode {
  const say = useMessages(doctorWords)
  return (
    <ul className="ops-evidence" aria-label={say.evidence}>
      {lines.map(({ file, line, text }) => (
        <li key={`${file} ${line}`}>
          <span className="soft number">{`${file}:${line}`}</span>
          <code className="ops-breaks">{text}</code>
        </li>
      ))}
    </ul>
  )
}
