/** What is asked of whoever knows where training runs are. An id is looked up among the folders that are there. */

import type { RunDetail, RunList, RunMetrics, RunProfile } from '@hadal/protocol'

/** Each gives undefined for a run, or a file of one, that is not there (any more). */
export interface RunsDoor {
  list(): Promise<RunList>
  detail(id: string): Promise<RunDetail | undefined>
  /** All points, thinned where there are many, or those after `cursor` where that still fits. */
  metrics(id: string, cursor: string | undefined): Promise<RunMetrics | undefined>
  profile(id: string): Promise<ProfileAnswer | undefined>
  /** A page that the run left, by its path in `files`. */
  report(id: string, path: string): Promise<ReportAnswer | undefined>
}

/** Or why there is none: nothing was recorded, or it cannot be read. */
export type ProfileAnswer =
  | { readonly profile: RunProfile }
  | { readonly name: string; readonly isMissing: true }
  | { readonly name: string; readonly unreadable: string }

/** HTML, or how much of it would be too much. */
export type ReportAnswer = { readonly text: string } | { readonly maxMebibytes: number }
