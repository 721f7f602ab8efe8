/** Errors of traces that are no traces. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

export const profileTraceUnreadable: ErrorMaker<[reason: string]> = defineError({
  code: 'profile_trace_unreadable',
  status: 400,
  when: 'The file is not a trace, or is damaged.',
  message: (reason: string) => `not a Chrome trace: ${reason}`,
  help: 'Use the JSON that Hadal, PyTorch (export_chrome_trace) or Chrome writes, plain or gzipped.',
})

export const profileTraceTooLarge: ErrorMaker<[what: string, limit: string]> = defineError({
  code: 'profile_trace_too_large',
  status: 413,
  when: 'A trace exceeds the limit of bytes or spans.',
  message: (what: string, limit: string) => `the trace has ${what} than supported (${limit})`,
  help: 'Record fewer steps (profile.steps), or disable memory recording (profile.memory).',
})

export const tooManyBytes = (limit: number): Error =>
  profileTraceTooLarge('more bytes', `at most ${formatBytes(limit)}`)
