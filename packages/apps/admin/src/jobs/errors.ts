/** Errors of jobs that fail without an error message. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const jobEnded: ErrorMaker<[kind: string, how: string]> = defineError({
  code: 'job_ended',
  status: 500,
  when: 'The command of a job exited with a failure and without an error of its own: it crashed or was killed.',
  message: (kind, how) => `${kind} ${how}`,
  help: 'See its log. If memory is short, the system kills the process that uses the most.',
})

export const jobUnreadable: ErrorMaker<[kind: string, why: string]> = defineError({
  code: 'job_unreadable',
  status: 500,
  when: 'The command of a job succeeded, but its result cannot be read.',
  message: (kind, why) => `cannot read the result of ${kind}: ${why}`,
  help: 'Check that the disk is not full. If the result is larger than 32 MiB, run the command in a shell with `--json`.',
})
