/** Errors of profiling a server. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const profileBusy: ErrorMaker<[recordings: number]> = defineError({
  code: 'profile_busy',
  status: 409,
  when: 'The server already records its maximum number of profiles.',
  message: (recordings) => `${recordings} profiles are being recorded already`,
  help: 'Wait until one of them is over: a minute at the most.',
})
