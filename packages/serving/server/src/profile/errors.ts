/** Errors of profiling a server. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const profileBusy: ErrorMaker<[recordings: number]> = defineError({
  code: 'profile_busy',
  status: 409,
  when: 'The server already records its maximum number of profiles.',
  message: (recordings) => `${recordings} profiles are already being recorded`,
  help: 'Retry when one of them is done, which takes at most a minute.',
})
