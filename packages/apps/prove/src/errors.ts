/** Reasons why a claim cannot be measured or judged, other than missing hardware. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const claimFailed: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'claim_failed',
  status: 500,
  when: 'The measurement of a claim threw an error without a code.',
  message: (id, why) => `${id} could not be measured: ${why}`,
  help: 'See log.txt in the folder of the claim. The other claims are still measured.',
})

export const claimCrashed: ErrorMaker<[id: string, how: string, lastWords: string]> = defineError({
  code: 'claim_crashed',
  status: 500,
  when: 'The process that measures a claim exited without a result: it crashed, or the kernel killed it.',
  message: (id, how, lastWords) =>
    `the process of ${id} exited with ${how}${lastWords === '' ? '' : `: ${lastWords}`}`,
  help: (_id, how) =>
    how === 'SIGKILL'
      ? 'The kernel probably killed it because memory ran out (see `dmesg`): stop other programs, or measure the claim alone with --only.'
      : 'See log.txt in the folder of the claim. The other claims are still measured.',
  docsHelp:
    'See log.txt in the folder of the claim. After SIGKILL, memory probably ran out (see `dmesg`): stop other programs, or measure the claim alone with --only.',
})

export const claimTimedOut: ErrorMaker<[id: string, limit: string]> = defineError({
  code: 'claim_timed_out',
  status: 500,
  when: 'The measurement of a claim exceeded its time limit and was stopped.',
  message: (id, limit) => `${id} did not finish within ${limit}`,
  help: 'On a busy or slow machine, raise the limit: `--limit 30m`. Its log is log.txt in the folder of the claim.',
})

export const claimNotJudged: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'claim_not_judged',
  status: 500,
  when: 'A claim was measured, but its results cannot be evaluated: they do not have the format of this version of the claim.',
  message: (id, why) => `cannot evaluate the results of ${id}: ${why}`,
  help: 'Measure the claim again with --only: results are evaluated by the version that measured them.',
})

export const claimsFileInvalid: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'claims_file_invalid',
  status: 400,
  when: 'A file given with `hadal prove --claims` exports no claims.',
  message: (file, why) => `${file}: ${why}`,
  help: 'Export `claims`, a list of results of defineClaim of @hadal/prove: docs/prove.md.',
})

export const proveFolderUnreadable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'prove_folder_unreadable',
  status: 400,
  when: 'The folder of `hadal prove --from` contains no readable results.',
  message: (folder, why) => `${folder} contains no results: ${why}`,
  help: 'Name a folder written by an earlier `hadal prove --out`; it contains report.json.',
})

export const proveFolderUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'prove_folder_unwritable',
  status: 500,
  when: 'The results folder of `hadal prove` cannot be written to.',
  message: (folder, why) => `cannot write to ${folder}: ${why}`,
  help: 'Choose another folder with --out.',
})
