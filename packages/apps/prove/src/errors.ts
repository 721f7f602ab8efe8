/** Reasons why a claim cannot be measured or judged, other than missing hardware. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const claimFailed: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'claim_failed',
  status: 500,
  when: 'The measurement of a claim threw an error without a code.',
  message: (id, why) => `${id} could not be measured: ${why}`,
  help: 'Its log says where, in log.txt of its folder. The other claims are measured all the same.',
})

export const claimCrashed: ErrorMaker<[id: string, how: string, lastWords: string]> = defineError({
  code: 'claim_crashed',
  status: 500,
  when: 'The process that measures a claim exited without a result: it crashed, or the kernel killed it.',
  message: (id, how, lastWords) =>
    `the process of ${id} ended with ${how}${lastWords === '' ? '' : `: ${lastWords}`}`,
  help: (_id, how) =>
    how === 'SIGKILL'
      ? 'Mostly that is the kernel when memory runs out (`dmesg` says so): end what else runs, or measure it alone with --only.'
      : 'Its log is in log.txt of its folder. The other claims are measured all the same.',
  docsHelp:
    'See log.txt in the folder of the claim. After SIGKILL, memory probably ran out (see `dmesg`): stop other programs, or measure the claim alone with --only.',
})

export const claimTimedOut: ErrorMaker<[id: string, limit: string]> = defineError({
  code: 'claim_timed_out',
  status: 500,
  when: 'The measurement of a claim exceeded its time limit and was stopped.',
  message: (id, limit) => `${id} was not done within ${limit}`,
  help: 'On a busy or slow machine give it longer: `--limit 30m`. Its log is in log.txt of its folder.',
})

export const claimNotJudged: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'claim_not_judged',
  status: 500,
  when: 'A claim was measured, but its results cannot be evaluated: they do not have the format of this version of the claim.',
  message: (id, why) => `what was measured for ${id} cannot be judged: ${why}`,
  help: 'Results are judged by the version that measured them; measure the claim again with --only.',
})

export const claimsFileInvalid: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'claims_file_invalid',
  status: 400,
  when: 'A file given with `hadal prove --claims` exports no claims.',
  message: (file, why) => `${file}: ${why}`,
  help: 'It exports `claims`, a list of what defineClaim of @hadal/prove returns: docs/prove.md.',
})

export const proveFolderUnreadable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'prove_folder_unreadable',
  status: 400,
  when: 'The folder of `hadal prove --from` contains no readable results.',
  message: (folder, why) => `${folder} holds no results: ${why}`,
  help: 'Name the folder that an earlier `hadal prove --out` wrote; it holds report.json.',
})

export const proveFolderUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'prove_folder_unwritable',
  status: 500,
  when: 'The results folder of `hadal prove` cannot be written to.',
  message: (folder, why) => `cannot write to ${folder}: ${why}`,
  help: 'Name another one with --out.',
})
