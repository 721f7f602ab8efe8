/** Checks of `hadal doctor` and their results, worst first. */

import type { DoctorAnswer, DoctorFinding, DoctorJobOptions } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import {
  Button,
  Card,
  Checkbox,
  CodeBlock,
  Disclosure,
  EmptyState,
  ErrorState,
  formatCount,
  formatTime,
  Notice,
  Stat,
  TextField,
} from '../../../design/index.ts'
import { useJob } from '../../../jobs/use-job.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { InlineCode } from '../inline-code.tsx'
import { JobOutcome } from '../job-outcome.tsx'
import { SeverityBadge } from '../severity-badge.tsx'
import { doctorWords } from './doctor-words.ts'

type Group = DoctorJobOptions['groups'][number]

const groups: readonly Group[] = ['environment', 'gpu', 'service', 'server', 'cluster']

export function ChecksView(): ReactNode {
  const say = useMessages(doctorWords)
  const jobs = useJob('doctor')
  // The cluster is checked only on request.
  const [chosen, setChosen] = useState<readonly Group[]>(['environment', 'gpu', 'service', 'server'])
  const [url, setUrl] = useState('')
  const [context, setContext] = useState('')
  const { job, isAvailable, actionError, isStarting, isCancelling } = jobs
  const isRunning = job?.summary.state === 'running'
  const result = job?.result as DoctorAnswer | undefined
  const isUrlWrong = chosen.includes('server') && url.trim() !== '' && !/^https?:\/\/\S+$/.test(url.trim())
  const toggle = (group: Group, isOn: boolean): void =>
    setChosen(groups.filter((each) => (each === group ? isOn : chosen.includes(each))))
  const start = (): void =>
    void jobs.start({
      groups: chosen,
      ...(chosen.includes('server') && url.trim() !== '' && { url: url.trim() }),
      ...(chosen.includes('cluster') && context.trim() !== '' && { context: context.trim() }),
    } satisfies DoctorJobOptions)
  return (
    <div className="ops-stack">
      <Card
        title={say.checksTitle}
        lead={say.checksLead}
        actions={
          isRunning ? (
            <Button icon="stop" isBusy={isCancelling} onPress={() => void jobs.cancel()}>
              {say.stop}
            </Button>
          ) : (
            <Button
              kind="primary"
              icon="play"
              isBusy={isStarting}
              isDisabled={isAvailable === false || chosen.length === 0 || isUrlWrong}
              onPress={start}
            >
              {result === undefined ? say.run : say.again}
            </Button>
          )
        }
      >
        <fieldset className="ops-fieldset">
          <legend>{say.groups}</legend>
          <div className="ops-checks">
            {groups.map((group) => (
              <Checkbox
                key={group}
                label={say[group]}
                isOn={chosen.includes(group)}
                onChange={(isOn) => toggle(group, isOn)}
              />
            ))}
          </div>
        </fieldset>
        {(chosen.includes('server') || chosen.includes('cluster')) && (
          <div className="fields">
            {chosen.includes('server') && (
              <TextField
                label={say.url}
                hint={say.urlHint}
                error={isUrlWrong ? say.invalidUrl : undefined}
                placeholder={say.thisServer}
                value={url}
                onChange={setUrl}
              />
            )}
            {chosen.includes('cluster') && (
              <TextField label={say.context} hint={say.contextHint} value={context} onChange={setContext} />
            )}
          </div>
        )}
        {isAvailable === false && <p className="warn">{say.unavailable}</p>}
        {actionError !== undefined && <ErrorState error={actionError} />}
      </Card>
      <JobOutcome
        jobs={jobs}
        result={result && <Findings answer={result} />}
        note={result && <span className="soft">{say.takenAt(formatTime(result.takenAt))}</span>}
        commandLabel={say.command}
        empty={
          <EmptyState title={say.emptyTitle} icon="pulse">
            <p>{say.emptyText}</p>
          </EmptyState>
        }
      />
    </div>
  )
}

const reported = ['error', 'warning', 'unknown', 'note'] as const
const tones = { error: 'bad', warning: 'warn', unknown: 'warn', note: 'plain' } as const

function Findings({ answer: { findings } }: { readonly answer: DoctorAnswer }): ReactNode {
  const say = useMessages(doctorWords)
  const nameOf = (group: string): string => {
    const known = groups.find((each) => each === group)
    return known === undefined ? group : say[known]
  }
  const count = (severity: DoctorFinding['severity']): number =>
    findings.filter((each) => each.severity === severity).length
  const isReported = ({ severity }: DoctorFinding): boolean => reported.some((each) => each === severity)
  const shown = [...new Set(findings.map(({ group }) => group))]
  return (
    <>
      <div className="stats">
        {reported.map((severity) => (
          <Stat
            key={severity}
            label={say[severity]}
            value={formatCount(count(severity))}
            tone={count(severity) > 0 ? tones[severity] : 'plain'}
          />
        ))}
      </div>
      {!findings.some(isReported) && <Notice tone="good">{say.allWell}</Notice>}
      {shown.map((group) => {
        const own = findings.filter((each) => each.group === group)
        return (
          <Card key={group} title={nameOf(group)}>
            {own.some(isReported) && (
              <ul className="ops-findings">
                {own.filter(isReported).map((finding) => (
                  <Finding key={`${finding.id} ${finding.says}`} finding={finding} />
                ))}
              </ul>
            )}
            <Quiet title={say.well} findings={own.filter(({ severity }) => severity === 'ok')} />
            <Quiet title={say.absent} findings={own.filter(({ severity }) => severity === 'skipped')} />
          </Card>
        )
      })}
    </>
  )
}

function Finding({ finding }: { readonly finding: DoctorFinding }): ReactNode {
  const say = useMessages(doctorWords)
  const { severity, title, says, fix, evidence } = finding
  return (
    <li>
      <div className="row">
        <SeverityBadge severity={severity} />
        <strong>{title}</strong>
      </div>
      <p className="ops-breaks">
        <InlineCode text={says} />
      </p>
      {fix !== undefined && (
        <p className="soft">
          <InlineCode text={fix.text} />
        </p>
      )}
      {fix?.command !== undefined && (
        <CodeBlock code={fix.command} language="sh" label={`${say.fix}: ${title}`} isWrapped />
      )}
      {evidence !== undefined && evidence.length > 0 && (
        <Disclosure summary={say.evidence}>
          <CodeBlock code={evidence.join('\n')} label={`${say.evidence}: ${title}`} isWrapped />
        </Disclosure>
      )}
    </li>
  )
}

interface QuietProps {
  readonly title: (count: number) => string
  readonly findings: readonly DoctorFinding[]
}

function Quiet({ title, findings }: QuietProps): ReactNode {
  if (findings.length === 0) return null
  return (
    <Disclosure summary={<span className="soft">{title(findings.length)}</span>}>
      <ul className="ops-list ops-breaks small">
        {findings.map(({ id, title: name, says }) => (
          <li key={`${id} ${says}`}>
            <strong>{name}</strong> <span className="soft">{says}</span>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}
