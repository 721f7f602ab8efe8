/** Errors of callers that exceeded their budget. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const guardLockedOut: ErrorMaker<[seconds: number]> = defineError({
  code: 'guard_locked_out',
  status: 429,
  when: 'The guard blocked too many requests of this client. Further requests are rejected until the lockout ends.',
  message: (seconds) => `too many of your requests were blocked; retry in ${seconds} s`,
  help: 'Wait as long as Retry-After says. An administrator can end the lockout earlier.',
  facts: (seconds) => ({ seconds }),
})
