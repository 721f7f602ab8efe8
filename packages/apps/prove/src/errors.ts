/** What keeps a claim from being measured or judged, apart from what a machine lacks. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const claimFailed: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'claim_failed',
  status: 500,
  when: 'The measuring of a claim threw something that has no code of its own.',
  message: (id, why) => `${id} could not be measured: ${why}`,
  help: 'Its log says where, in log.txt of its folder. The other claims are measured all the same.',
})

export const claimCrashed: ErrorMaker<[id: string, how: string, lastWords: string]> = defineError({
  code: 'claim_crashed',
  status: 500,
  when: 'The process in which a claim is measured ended without a result: a native crash, or the kernel ended it.',
  message: (id, how, lastWords) =>
    `the process of ${id} ended with ${how}${lastWords === '' ? '' : `: ${lastWords}`}`,
  help: (_id, how) =>
    how === 'SIGKILL'
      ? 'Mostly that is the kernel when memory runs out (`dmesg` says so): end what else runs, or measure it alone with --only.'
      : 'Its log is in log.txt of its folder. The other claims are measured all the same.',
})

export const claimTimedOut: ErrorMaker<[id: string, limit: string]> = defineError({
  code: 'claim_timed_out',
  status: 500,
  when: 'The measuring of a claim took longer than its limit, and was ended.',
  message: (id, limit) => `${id} was not done within ${limit}`,
  help: 'On a busy or slow machine give it longer: `--limit 30m`. Its log is in log.txt of its folder.',
})

export const claimNotJudged: ErrorMaker<[id: string, why: string]> = defineError({
  code: 'claim_not_judged',
  status: 500,
  when: 'A claim was measured, and its raw results could not be judged: they are not what this version of the claim leaves.',
  message: (id, why) => `what was measured for ${id} cannot be judged: ${why}`,
  help: 'Results are judged by the version that measured them; measure the claim again with --only.',
})

export const claimsFileInvalid: ErrorMaker<[file: string, why: string]> = defineError({
  code: 'claims_file_invalid',
  status: 400,
  when: 'A file that `hadal prove --claims` names holds no claims.',
  message: (file, why) => `${file}: ${why}`,
  help: 'It exports `claims`, a list of what defineClaim of @hadal/prove returns: docs/prove.md.',
})

export const proveFolderUnreadable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'prove_folder_unreadable',
  status: 400,
  when: 'What `hadal prove --from` is to judge again holds no results that can be read.',
  message: (folder, why) => `${folder} holds no results: ${why}`,
  help: 'Name the folder that an earlier `hadal prove --out` wrote; it holds report.json.',
})

export const proveFolderUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'prove_folder_unwritable',
  status: 500,
  when: 'The folder that results of `hadal prove` go to cannot be written.',
  message: (folder, why) => `cannot write to ${folder}: ${why}`,
  help: 'Name another one with --out.',
})
