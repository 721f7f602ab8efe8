/** What goes wrong with watching a server. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const feedFull: ErrorMaker<[readers: number]> = defineError({
  code: 'feed_full',
  status: 503,
  when: 'The live feed of timelines has as many readers as it takes.',
  message: (readers) => `${readers} read the live feed already`,
  help: 'Close one of them, or ask for the last requests without `accept: text/event-stream`.',
})
