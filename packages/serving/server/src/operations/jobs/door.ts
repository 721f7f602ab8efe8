/** What the routes of jobs stand on: who runs commands. The server itself runs none. */

import type { JobDetail, JobEvent, JobKind, JobSummary, Parsed } from '@hadal/protocol'

export interface JobsDoor {
  readonly kinds: readonly JobKind[]
  /** The options of a kind, judged. */
  parse(kind: JobKind, options: unknown): Parsed<unknown>
  /** The newest first. */
  list(): readonly JobSummary[]
  find(id: string): JobDetail | undefined
  /** With options as `parse` gave them. Throws `job_running`, `jobs_full`, `job_unstarted`, and what the kind throws. */
  start(kind: JobKind, options: unknown): Promise<JobSummary>
  /** Asks it to end, and waits until it has. Does nothing to one that has ended. */
  cancel(id: string): Promise<JobDetail | undefined>
  /** `onEvent` hears what comes from now on. */
  follow(id: string, onEvent: (event: JobEvent) => void): Disposable
}
