/** Errors of reading a range for replay. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleRangeFailed: ErrorMaker<[url: string, what: string, why: string]> = defineError({
  code: 'scale_range_failed',
  status: 502,
  when: 'Prometheus rejected or failed a range query of `hadal scale replay`.',
  message: (url, what, why) => `${url} does not say ${what}: ${why}`,
  help: 'Name a Prometheus that watches this service with --prometheus. A long range may need a longer --step.',
})

export const scaleFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_file_unreadable',
  status: 400,
  when: 'The recording file cannot be read.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Name a file that `hadal scale replay --save` wrote, a made-up day (`hadal scale replay --help` lists them), or how far to look back in Prometheus, as 24h.',
})
