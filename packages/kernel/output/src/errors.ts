/** Errors of command lines and their output. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const usage: ErrorMaker<[what: string, command: string]> = defineError({
  code: 'usage',
  status: 400,
  when: 'The command line is invalid. The exit code is 2.',
  message: (what, _command) => what,
  help: (_what, command) => `\`${command} --help\` says what there is.`,
})

export const reportUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'report_unwritable',
  status: 400,
  when: 'The report file cannot be written. The path is checked before any measurement starts.',
  message: (path, why) => `${path} cannot be written: ${why}`,
  help: 'Name a file in a folder that exists and may be written to.',
})
