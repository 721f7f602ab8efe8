/** What goes wrong with watching a server. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const feedFull: ErrorMaker<[readers: number]> = defineError({
  code: 'feed_full',
  status: 503,
  when: 'A live feed (timelines, steps, how the server stands) has as many readers as it takes.',
  message: (readers) => `${readers} read the live feed already`,
  help: 'Close one of them, or ask once, without `accept: text/event-stream`, where the route answers that.',
})
