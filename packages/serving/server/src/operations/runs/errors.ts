/** Errors of the training-run routes. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const runNotFound: ErrorMaker<[id: string]> = defineError({
  code: 'run_not_found',
  status: 404,
  when: 'The training run is in none of the folders of `runsDir`: it was moved, removed or never existed.',
  message: (id) => `no run is called ${JSON.stringify(id)}`,
  help: 'GET /hadal/runs lists those there are. A folder counts as a run when metrics.jsonl, run.json or checkpoints/ is in it.',
})

export const runProfileMissing: ErrorMaker<[name: string]> = defineError({
  code: 'run_profile_missing',
  status: 404,
  when: 'The training run has no recorded profile.',
  message: (name) => `${name} has recorded no profile`,
  help: 'Train it with --profile: `hadal train RECIPE --profile` records three steps after the first three.',
})

export const runProfileUnreadable: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'run_profile_unreadable',
  status: 422,
  when: 'The profile of the run is damaged, still being written, or larger than this server reads.',
  message: (name, why) => `the profile of ${name} cannot be read: ${why}`,
  help: 'Wait until it is written, or record it again with --profile. `hadal profile FOLDER` reads larger ones.',
})

export const runReportNotFound: ErrorMaker<[]> = defineError({
  code: 'run_report_not_found',
  status: 404,
  when: 'The run has no such report, or its link was already used or is older than a minute.',
  message: () => 'no report has this name or address',
  help: 'Open it from the run again: each address opens one report once.',
})

export const runReportTooLarge: ErrorMaker<[path: string, maxMebibytes: number]> = defineError({
  code: 'run_report_too_large',
  status: 413,
  when: 'A report of a run is larger than this server sends.',
  message: (path, most) => `${path} is larger than ${most} MiB`,
  help: 'Open the file in the folder of the run.',
})
