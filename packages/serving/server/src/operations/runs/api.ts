/** Interface to training runs. Ids are looked up among existing folders. */

import type { RunDetail, RunList, RunMetrics, RunProfile } from '@hadal/protocol'

/** Every method returns undefined for a run, or a file of one, that does not exist. */
export interface RunsApi {
  list(): Promise<RunList>
  detail(id: string): Promise<RunDetail | undefined>
  /** All points, downsampled if there are many, or only those after `cursor` if it is still valid. */
  metrics(id: string, cursor: string | undefined): Promise<RunMetrics | undefined>
  profile(id: string): Promise<ProfileAnswer | undefined>
  /** A report page of the run, by its path in `files`. */
  report(id: string, path: string): Promise<ReportAnswer | undefined>
}

/** Or the reason there is none: not recorded, or unreadable. */
export type ProfileAnswer =
  | { readonly profile: RunProfile }
  | { readonly name: string; readonly isMissing: true }
  | { readonly name: string; readonly unreadable: string }

/** HTML, or its size if it is too large. */
export type ReportAnswer = { readonly text: string } | { readonly maxMebibytes: number }
