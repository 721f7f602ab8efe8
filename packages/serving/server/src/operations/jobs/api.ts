/** Interface of the job routes to the job runner. The server itself runs no commands. */

import type { JobDetail, JobEvent, JobKind, JobSummary, Parsed } from '@hadal/protocol'

export interface JobsApi {
  readonly kinds: readonly JobKind[]
  /** Validates the options of a job kind. */
  parse(kind: JobKind, options: unknown): Parsed<unknown>
  /** Newest first. */
  list(): readonly JobSummary[]
  find(id: string): JobDetail | undefined
  /** `options` must come from `parse`. Throws `job_running`, `jobs_full`, `job_unstarted`, and the errors of the kind. */
  start(kind: JobKind, options: unknown): Promise<JobSummary>
  /** Cancels the job and waits until it has ended. No effect on a finished one. */
  cancel(id: string): Promise<JobDetail | undefined>
  /** `onEvent` receives all later events. */
  follow(id: string, onEvent: (event: JobEvent) => void): Disposable
}
