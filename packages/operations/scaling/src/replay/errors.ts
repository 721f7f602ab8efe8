/** What goes wrong with reading a range that is to be replayed. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleRangeFailed: ErrorMaker<[url: string, what: string, why: string]> = defineError({
  code: 'scale_range_failed',
  status: 502,
  when: 'Prometheus does not answer what `hadal scale replay` asks of a range.',
  message: (url, what, why) => `${url} does not say ${what}: ${why}`,
  help: 'Name a Prometheus that watches this service with --prometheus. A long range may need a longer --step.',
})

export const scaleFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_file_unreadable',
  status: 400,
  when: 'The file of a recorded range cannot be read.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Name a file that `hadal scale replay --save` wrote, a made-up day (`hadal scale replay --help` lists them), or how far to look back in Prometheus, as 24h.',
})
