/** Errors of reading a deployment, a cluster or a log. */

import { defineError, type ErrorMaker, formatMillis } from '@hadal/base'

export const readTimedOut: ErrorMaker<[what: string, limitMillis: number]> = defineError({
  code: 'look_too_long',
  status: 504,
  when: 'A console request exceeded its time limit: the cluster does not respond, or the text takes too long to analyze.',
  message: (what, limitMillis) => `${what} took longer than ${formatMillis(limitMillis)} and was cancelled`,
  help: 'Retry, or request less. The command of the same name has no such limit: `hadal deploy diff`, `hadal deploy lint`, `hadal doctor explain`.',
})

export const readerBusy: ErrorMaker<[waiting: number]> = defineError({
  code: 'look_busy',
  status: 503,
  when: 'The server has reached its limit of concurrent checks of deployments, clusters and logs.',
  message: (waiting) => `${waiting} checks are already running`,
  help: 'Retry in a few seconds.',
})

export const readFailed: ErrorMaker<[what: string, why: string]> = defineError({
  code: 'look_failed',
  status: 500,
  when: 'A check of a deployment, a cluster or a log ended without a result, for example because it reached its memory limit.',
  message: (what, why) => `${what} ended without a result: ${why}`,
  help: 'Request less. If it happens again, it is a bug in Hadal: please report it with the request.',
})
