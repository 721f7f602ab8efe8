/** Errors of the training-run routes. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const runNotFound: ErrorMaker<[id: string]> = defineError({
  code: 'run_not_found',
  status: 404,
  when: 'The training run is in none of the folders of `runsDir`: it was moved, removed or never existed.',
  message: (id) => `there is no run ${JSON.stringify(id)}`,
  help: 'GET /hadal/runs lists the runs. A folder is a run if it contains metrics.jsonl, run.json or checkpoints/.',
})

export const runProfileMissing: ErrorMaker<[name: string]> = defineError({
  code: 'run_profile_missing',
  status: 404,
  when: 'The training run has no recorded profile.',
  message: (name) => `${name} has no profile`,
  help: 'Train it with --profile: `hadal train RECIPE --profile` records three steps after the first three.',
})

export const runProfileUnreadable: ErrorMaker<[name: string, why: string]> = defineError({
  code: 'run_profile_unreadable',
  status: 422,
  when: 'The profile of the run is damaged, still being written, or larger than this server reads.',
  message: (name, why) => `cannot read the profile of ${name}: ${why}`,
  help: 'Wait until it is written, or record it again with --profile. `hadal profile FOLDER` reads larger profiles.',
})

export const runReportNotFound: ErrorMaker<[]> = defineError({
  code: 'run_report_not_found',
  status: 404,
  when: 'The run has no such report, or its link was already used or is older than a minute.',
  message: () => 'there is no report with this name or link',
  help: 'Open it from the run again: each link opens one report once.',
})

export const runReportTooLarge: ErrorMaker<[path: string, maxMebibytes: number]> = defineError({
  code: 'run_report_too_large',
  status: 413,
  when: 'A report of a run is larger than this server sends.',
  message: (path, most) => `${path} is larger than ${most} MiB`,
  help: 'Open the file in the run folder.',
})
