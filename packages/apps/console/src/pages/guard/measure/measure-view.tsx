/** Evaluates the guard on labelled texts as a job, and shows earlier results: `#/guard/measure?job=ID`. */

import type { GuardEvalOptions, GuardEvalReport, GuardFacts, GuardSource, JobSummary } from '@hadal/protocol'
import { type ReactNode, useRef, useState } from 'react'
import {
  Button,
  Card,
  CodeBlock,
  EmptyState,
  ErrorState,
  formatCount,
  formatTime,
  NumberField,
  Select,
  Skeleton,
  Switch,
  TextField,
  toast,
} from '../../../design/index.ts'
import { JobLog } from '../../../jobs/job-log.tsx'
import { JobBadge, JobError, JobTime } from '../../../jobs/job-state.tsx'
import { useJob } from '../../../jobs/use-job.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { guardWords } from '../guard-words.ts'
import { EvalReportView } from './eval-report.tsx'

const maxBytes = 2 * 1024 * 1024

export function MeasureView({ facts }: { readonly facts: GuardFacts }): ReactNode {
  const say = useMessages(guardWords)
  const requested = useRoute().query.get('job') ?? undefined
  const { jobs, isAvailable, job, error, actionError, isStarting, isCancelling, start, cancel, refresh } =
    useJob('guard-eval', requested)
  const begin = async (options: GuardEvalOptions): Promise<void> => {
    const begun = await start(options)
    if (begun !== undefined) go('guard', ['measure'], { job: begun.id })
  }
  const isRunning = jobs?.some(({ state }) => state === 'running') ?? false
  if (isAvailable === false) return <EmptyState title={say.unavailable} />
  return (
    <>
      <MeasureForm
        facts={facts}
        isBusy={isStarting || isRunning}
        onStart={(options) => void begin(options)}
      />
      {actionError !== undefined && <ErrorState error={actionError} />}
      {error !== undefined && jobs === undefined && <ErrorState error={error} onRetry={refresh} />}
      {jobs === undefined && error === undefined && <Skeleton lines={4} />}
      {jobs?.length === 0 && (
        <EmptyState title={say.noneMeasured} icon="curve">
          {say.noneMeasuredWhy}
        </EmptyState>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <div className="row">
          <Select
            label={say.earlier}
            value={job?.summary.id ?? jobs[0]!.id}
            options={jobs.map((each) => ({ value: each.id, label: nameOf(each, say) }))}
            onChange={(id) => go('guard', ['measure'], { job: id })}
          />
          <span className="spacer" />
          {job?.summary.state === 'running' && (
            <Button icon="stop" isBusy={isCancelling} onPress={() => void cancel()}>
              {say.stop}
            </Button>
          )}
        </div>
      )}
      {job !== undefined && (
        <>
          <div className="row">
            <JobBadge state={job.summary.state} />
            <JobTime job={job.summary} />
          </div>
          <JobError job={job.summary} />
          {job.summary.state === 'done' && isReport(job.result) && <EvalReportView report={job.result} />}
          {job.summary.state !== 'done' && <JobLog lines={job.lines} />}
          <CodeBlock code={job.summary.command} language="sh" isWrapped />
        </>
      )}
    </>
  )
}

const isReport = (result: unknown): result is GuardEvalReport =>
  typeof result === 'object' && result !== null && 'summary' in result && 'scores' in result

type Words = { readonly [K in 'bundled' | 'trigger-words' | 'ofReviews' | 'given']: string }

function nameOf({ startedAt, options, state }: JobSummary, say: Words): string {
  const { source, preset } = options as GuardEvalOptions
  const texts = source === undefined ? say.given : source === 'reviews' ? say.ofReviews : say[source]
  return [formatTime(startedAt), texts, preset, state === 'running' ? '…' : undefined]
    .filter((part) => part !== undefined)
    .join(', ')
}

interface MeasureFormProps {
  readonly facts: GuardFacts
  readonly isBusy: boolean
  readonly onStart: (options: GuardEvalOptions) => void
}

function MeasureForm({ facts, isBusy, onStart }: MeasureFormProps): ReactNode {
  const say = useMessages(guardWords)
  const [source, setSource] = useState<GuardSource | 'given'>('bundled')
  const [given, setGiven] = useState('')
  const [rate, setRate] = useState<number | undefined>(0.01)
  const [preset, setPreset] = useState(facts.preset === undefined ? 'default' : '')
  const [asIs, setAsIs] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    if (file.size > maxBytes) toast({ text: say.tooLarge, tone: 'bad' })
    else setGiven(await file.text())
  }
  const label = { ...say, reviews: say.ofReviews }
  const isEmpty = source === 'given' ? given.trim() === '' : countOf(facts, source) === 0
  return (
    <Card>
      <div className="stack">
        <p className="soft">{say.measureLead}</p>
        <div className="fields">
          <Select<GuardSource | 'given'>
            label={say.texts}
            value={source}
            options={[
              ...facts.sources.map(({ id, attacks, benign }) => ({
                value: id as GuardSource,
                label: `${label[id as GuardSource]}: ${say.counts(formatCount(attacks), formatCount(benign))}`,
              })),
              { value: 'given', label: say.given },
            ]}
            onChange={setSource}
          />
          <Select
            label={say.policy}
            value={preset}
            options={[
              {
                value: '',
                label: facts.preset === undefined ? say.policyNone : say.policyService(facts.preset),
                isDisabled: facts.preset === undefined,
              },
              ...facts.presets.map((name) => ({ value: name, label: say.preset(name) })),
            ]}
            onChange={setPreset}
          />
          <NumberField
            label={say.rate}
            hint={say.rateHint}
            value={rate}
            min={0}
            max={0.5}
            step={0.001}
            onChange={setRate}
          />
          <Switch label={say.asIs} hint={say.asIsHint} isOn={asIs} onChange={setAsIs} />
        </div>
        {source === 'given' && (
          <>
            <TextField
              label={say.givenLabel}
              hint={say.givenHint}
              rows={5}
              isCode
              value={given}
              onChange={setGiven}
            />
            <div className="row">
              <Button icon="upload" onPress={() => picker.current?.click()}>
                {say.file}
              </Button>
              <input
                ref={picker}
                type="file"
                accept=".jsonl,.json,.txt"
                hidden
                aria-label={say.file}
                onChange={({ target }) => void take(target.files?.[0])}
              />
            </div>
          </>
        )}
        <div className="row">
          <Button
            kind="primary"
            icon="play"
            isBusy={isBusy}
            isDisabled={isEmpty}
            onPress={() =>
              onStart({
                ...(source === 'given' ? { given } : { source }),
                ...(rate !== undefined && { rate }),
                ...(preset !== '' && { preset }),
                ...(asIs && { asIs }),
              })
            }
          >
            {say.start}
          </Button>
        </div>
      </div>
    </Card>
  )
}

function countOf({ sources }: GuardFacts, source: GuardSource): number {
  const found = sources.find(({ id }) => id === source)
  return found === undefined ? 0 : found.attacks + found.benign
}
