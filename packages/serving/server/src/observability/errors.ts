/** Errors of server observability. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const feedFull: ErrorMaker<[readers: number]> = defineError({
  code: 'feed_full',
  status: 503,
  when: 'A live feed (timelines, steps, server state) has reached its maximum number of readers.',
  message: (readers) => `the live feed already has ${readers} readers`,
  help: 'Close one of them, or poll without `accept: text/event-stream` where the route supports it.',
})
