/** Errors of jobs that fail without a message of their own. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const jobEnded: ErrorMaker<[kind: string, how: string]> = defineError({
  code: 'job_ended',
  status: 500,
  when: 'The command of a job exited with a failure and without an error of its own: it crashed or was killed.',
  message: (kind, how) => `${kind} ${how}`,
  help: 'Its log may say why; where memory is short, the system ends what takes most of it.',
})

export const jobUnreadable: ErrorMaker<[kind: string, why: string]> = defineError({
  code: 'job_unreadable',
  status: 500,
  when: 'The command of a job succeeded, but its result cannot be read.',
  message: (kind, why) => `what ${kind} found cannot be read: ${why}`,
  help: 'The disk may be full, or the result larger than 32 MiB: run the command in a shell, with `--json`.',
})
