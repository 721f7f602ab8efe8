/** What a caller is told who tried too often. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const guardLockedOut: ErrorMaker<[seconds: number]> = defineError({
  code: 'guard_locked_out',
  status: 429,
  when: 'Too many requests of this caller were refused by the guard. Until the lockout ends none is answered.',
  message: (seconds) => `too many requests of yours were refused; ask again in ${seconds} s`,
  help: 'Wait as long as Retry-After says; an administrator can end the lockout sooner.',
  facts: (seconds) => ({ seconds }),
})
