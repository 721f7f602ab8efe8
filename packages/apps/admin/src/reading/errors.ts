/** What keeps a look at a deployment, a cluster or a log from being answered. */

import { defineError, type ErrorMaker, formatMillis } from '@hadal/base'

export const lookTooLong: ErrorMaker<[what: string, limitMillis: number]> = defineError({
  code: 'look_too_long',
  status: 504,
  when: 'What an administrator asked of the console takes longer than it may: a cluster that does not answer, a text that takes very long to read.',
  message: (what, limitMillis) => `${what} took longer than ${formatMillis(limitMillis)} and was given up`,
  help: 'Ask again, or for less. The command of the same name has no such limit: `hadal deploy diff`, `hadal deploy lint`, `hadal doctor explain`.',
})

export const lookBusy: ErrorMaker<[waiting: number]> = defineError({
  code: 'look_busy',
  status: 503,
  when: 'More looks at deployments, clusters and logs are under way than a server takes at once: they are beside its work.',
  message: (waiting) => `${waiting} looks are under way already`,
  help: 'Ask again in some seconds.',
})

export const lookFailed: ErrorMaker<[what: string, why: string]> = defineError({
  code: 'look_failed',
  status: 500,
  when: 'A look at a deployment, a cluster or a log ended without an answer, for example since it needed more memory than it may have.',
  message: (what, why) => `${what} ended without an answer: ${why}`,
  help: 'Ask for less. If it comes again, it is a fault of Hadal: please report it with what was asked.',
})
