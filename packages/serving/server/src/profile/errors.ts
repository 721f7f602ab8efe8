/** What goes wrong with recording a server. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const profileBusy: ErrorMaker<[recordings: number]> = defineError({
  code: 'profile_busy',
  status: 409,
  when: 'A profile of a server is asked for while as many are being recorded as it records at a time.',
  message: (recordings) => `${recordings} profiles are being recorded already`,
  help: 'Wait until one of them is over: a minute at the most.',
})
