/** Errors of callers that exceeded their budget. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const guardLockedOut: ErrorMaker<[seconds: number]> = defineError({
  code: 'guard_locked_out',
  status: 429,
  when: 'The guard blocked too many requests of this client. Further requests are rejected until the lockout ends.',
  message: (seconds) => `too many requests of yours were refused; ask again in ${seconds} s`,
  help: 'Wait as long as Retry-After says; an administrator can end the lockout sooner.',
  facts: (seconds) => ({ seconds }),
})
