/** The tuning page: start a run, watch its frontier appear, see what was chosen and why, apply it. */

import type { TuneKnobs, TuneResult, TuneStatus } from '@hadal/protocol'
import { type ReactNode, useMemo, useState } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import {
  Button,
  Card,
  CodeBlock,
  Disclosure,
  EmptyState,
  ErrorState,
  Notice,
  Page,
  Skeleton,
} from '../../design/index.ts'
import { JobLog } from '../../jobs/job-log.tsx'
import { JobBadge, JobError, JobTime } from '../../jobs/job-state.tsx'
import { type FollowedJob, useJob } from '../../jobs/use-job.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { ApplyDialog } from './apply-dialog.tsx'
import { ByPromiseCard } from './by-promise-card.tsx'
import { CandidatesTable } from './candidates-table.tsx'
import { ChosenCard } from './chosen-card.tsx'
import { FrontierChart } from './frontier-chart.tsx'
import { PastTunings } from './past-tunings.tsx'
import { Phases } from './phases.tsx'
import { type FormValues, optionsOf } from './tune-fields.ts'
import { TuneForm } from './tune-form.tsx'
import { tuneWords } from './tune-words.ts'
import { tuningOf } from './tuning.ts'
import './tune.css'

export default function TunePage(): ReactNode {
  const say = useMessages(tuneWords)
  const [wanted] = useRoute().rest
  const tunings = useJob('tune', wanted)
  const { jobs, job, isAvailable, error, actionError, isStarting, isCancelling } = tunings
  const status = usePolled<TuneStatus>('/hadal/tune', 30_000)
  const [values, setValues] = useState<FormValues>({})
  const [isAsking, setAsking] = useState(false)
  const [applied, setApplied] = useState<TuneKnobs>()
  const isRunning = job?.summary.state === 'running'

  const start = async (): Promise<void> => {
    const made = await tunings.start(optionsOf(values))
    if (made === undefined) return
    setAsking(false)
    go('tune', [made.id])
  }
  const form = (
    <TuneForm
      values={values}
      onChange={setValues}
      onStart={() => void start()}
      isStarting={isStarting}
      error={actionError}
      slo={status.data?.slo}
    />
  )
  return (
    <Page title={say.title} lead={say.lead} actions={headActions()}>
      {error !== undefined && jobs === undefined && <ErrorState error={error} onRetry={tunings.refresh} />}
      {jobs === undefined && error === undefined && <Skeleton lines={8} />}
      {isAvailable === false && (
        <EmptyState title={say.unavailable} icon="sliders">
          {say.unavailableHelp}
        </EmptyState>
      )}
      {isAvailable === true && body()}
      <ApplyDialog
        knobs={applied}
        status={status.data}
        onClose={() => setApplied(undefined)}
        onWritten={status.refresh}
      />
    </Page>
  )

  function headActions(): ReactNode {
    if (job === undefined) return null
    if (isRunning)
      return (
        <Button kind="danger" icon="stop" isBusy={isCancelling} onPress={() => void tunings.cancel()}>
          {say.stop}
        </Button>
      )
    return (
      <Button
        kind={isAsking ? 'plain' : 'primary'}
        icon={isAsking ? 'close' : 'plus'}
        isExpanded={isAsking}
        onPress={() => setAsking(!isAsking)}
      >
        {isAsking ? say.close : say.again}
      </Button>
    )
  }

  function body(): ReactNode {
    if (jobs?.length === 0)
      return (
        <>
          <Notice>{wanted === undefined ? say.emptyText : `${say.noTuning}. ${say.noTuningHelp}`}</Notice>
          <Card title={say.newTuning}>{form}</Card>
        </>
      )
    return (
      <>
        {isAsking && !isRunning && <Card title={say.newTuning}>{form}</Card>}
        {isRunning && actionError !== undefined && <ErrorState error={actionError} />}
        {job !== undefined && <TuningView job={job} onApply={setApplied} />}
        {job === undefined && wanted !== undefined && !jobs?.some(({ id }) => id === wanted) && (
          <EmptyState
            title={say.noTuning}
            icon="sliders"
            action={<Button onPress={() => go('tune')}>{say.latest}</Button>}
          >
            {say.noTuningHelp}
          </EmptyState>
        )}
        {job === undefined && jobs?.some(({ id }) => id === (wanted ?? jobs[0]?.id)) && (
          <Skeleton lines={8} />
        )}
        {(jobs?.length ?? 0) > 1 && <PastTunings jobs={jobs ?? []} selected={job?.summary.id} />}
      </>
    )
  }
}

interface TuningViewProps {
  readonly job: FollowedJob
  readonly onApply: (knobs: TuneKnobs) => void
}

function TuningView({ job, onApply }: TuningViewProps): ReactNode {
  const say = useMessages(tuneWords)
  const { summary, progress, lines } = job
  const result = job.result as TuneResult | undefined
  const tuning = useMemo(() => tuningOf(progress, result), [progress, result])
  const isRunning = summary.state === 'running'
  return (
    <>
      <JobError job={summary} />
      <p className="visually-hidden" role="status">
        {isRunning ? '' : say.ended}
      </p>
      <Card
        title={say.chartTitle}
        lead={say.chartLead}
        actions={
          <>
            <JobTime job={summary} />
            <JobBadge state={summary.state} />
          </>
        }
      >
        <div className="stack">
          {isRunning && <Phases phase={tuning.phase} text={tuning.phaseText} />}
          {tuning.points.length > 0 ? (
            <FrontierChart tuning={tuning} isDone={result !== undefined} />
          ) : (
            <p className="tune-waiting">{isRunning ? say.chartWaiting : say.noPoints}</p>
          )}
        </div>
      </Card>
      <ChosenCard tuning={tuning} isDone={result !== undefined} onApply={onApply} />
      <CandidatesTable tuning={tuning} isDone={result !== undefined} />
      {result !== undefined && <ByPromiseCard result={result} />}
      <Disclosure summary={say.logTitle} isOpenAtFirst={summary.state === 'failed'}>
        <div className="stack">
          <CodeBlock code={summary.command} language="sh" isWrapped />
          <JobLog lines={lines} />
        </div>
      </Disclosure>
    </>
  )
}
