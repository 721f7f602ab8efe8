/** What is asked of whoever knows where training runs are. An id is looked up among the folders that are there. */

import type { RunDetail, RunList, RunMetrics, RunProfile } from '@hadal/protocol'

/** Each gives undefined for a run, or a file of one, that is not there (any more). */
export interface RunsDoor {
  list(): Promise<RunList>
  detail(id: string): Promise<RunDetail | undefined>
  /** All points, thinned where there are many, or those after `cursor` where that still fits. */
  metrics(id: string, cursor: string | undefined): Promise<RunMetrics | undefined>
  /** Throws `run_profile_missing` and what reading a trace throws. */
  profile(id: string): Promise<RunProfile | undefined>
  /** The text of a page that the run left, by its path in `files`. Throws `run_report_too_large`. */
  report(id: string, path: string): Promise<string | undefined>
}
