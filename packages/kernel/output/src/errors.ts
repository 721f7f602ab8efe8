/** Errors of command lines and of what they write. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const usage: ErrorMaker<[what: string, command: string]> = defineError({
  code: 'usage',
  status: 400,
  when: 'A command line cannot be understood. The exit code is 2.',
  message: (what, _command) => what,
  help: (_what, command) => `\`${command} --help\` says what there is.`,
})

export const reportUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'report_unwritable',
  status: 400,
  when: 'The file that a report should go to cannot be written. It is tried before anything is measured.',
  message: (path, why) => `${path} cannot be written: ${why}`,
  help: 'Name a file in a folder that exists and may be written to.',
})
