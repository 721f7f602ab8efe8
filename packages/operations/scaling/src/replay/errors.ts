/** Errors of reading a range for replay. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const scaleRangeFailed: ErrorMaker<[url: string, what: string, why: string]> = defineError({
  code: 'scale_range_failed',
  status: 502,
  when: 'Prometheus rejected or failed a range query of `hadal scale replay`.',
  message: (url, what, why) => `${url} gave no data on ${what}: ${why}`,
  help: 'Name a Prometheus that monitors this service with --prometheus. For a long range, use a longer --step.',
})

export const scaleFileUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'scale_file_unreadable',
  status: 400,
  when: 'The recording file cannot be read.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Name a file written by `hadal scale replay --save`, a built-in day (`hadal scale replay --help` lists them), or a duration to read back from Prometheus, such as 24h.',
})
