/** Errors of command lines and their output. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const usage: ErrorMaker<[what: string, command: string]> = defineError({
  code: 'usage',
  status: 400,
  when: 'The command line is invalid. The exit code is 2.',
  message: (what, _command) => what,
  help: (_what, command) => `Run \`${command} --help\` for the available commands and flags.`,
})

export const reportUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'report_unwritable',
  status: 400,
  when: 'The report file cannot be written. The path is checked before any measurement starts.',
  message: (path, why) => `cannot write ${path}: ${why}`,
  help: 'Choose a path in an existing, writable folder.',
})
