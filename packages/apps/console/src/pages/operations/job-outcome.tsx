/** Displays a view's job: state, error, result, the equivalent command, or a placeholder. Independent of the job kind. */

import type { ReactNode } from 'react'
import { CodeBlock, Disclosure, ErrorState, Skeleton } from '../../design/index.ts'
import { JobBadge, JobError, JobTime } from '../../jobs/job-state.tsx'
import type { UsedJobs } from '../../jobs/use-job.ts'

export interface JobOutcomeProps {
  readonly jobs: UsedJobs
  /** Drawn; undefined while there is none. */
  readonly result: ReactNode
  /** Next to the state. */
  readonly note?: ReactNode
  readonly commandLabel: string
  /** Where no such job ever ran here. */
  readonly empty: ReactNode
}

export function JobOutcome({ jobs, result, note, commandLabel, empty }: JobOutcomeProps): ReactNode {
  const { job, error } = jobs
  return (
    <>
      {error !== undefined && jobs.jobs === undefined && <ErrorState error={error} onRetry={jobs.refresh} />}
      {job !== undefined && (
        <>
          <div className="row" role="status">
            <JobBadge state={job.summary.state} />
            <JobTime job={job.summary} />
            {note}
          </div>
          <JobError job={job.summary} />
          {job.summary.state === 'running' && <Skeleton lines={10} />}
          {result}
          <Disclosure summary={commandLabel}>
            <CodeBlock code={job.summary.command} language="sh" />
          </Disclosure>
        </>
      )}
      {job === undefined && jobs.jobs !== undefined && empty}
    </>
  )
}
