/** What keeps `hadal doctor explain` from reading what it is to explain. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const explainUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'explain_unreadable',
  status: 400,
  when: 'A file that `hadal doctor explain` is to read cannot be read, or is packed in a way it does not know.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Name a text file, one packed with gzip, a folder of such files, or - for standard input. Unpack others first: `zstd -dc FILE | hadal doctor explain -`.',
})

export const explainTerminal: ErrorMaker<[]> = defineError({
  code: 'explain_terminal',
  status: 400,
  when: '`hadal doctor explain -` is to read standard input, and that is a terminal where nobody has put a log.',
  message: () => 'standard input is a terminal',
  help: 'Pipe a log into it, as in `sudo dmesg | hadal doctor explain -`, or name a file.',
})

export const explainNoCapture: ErrorMaker<[path: string]> = defineError({
  code: 'explain_no_capture',
  status: 400,
  when: 'The file of `hadal doctor explain --fixture` is no capture of `hadal doctor`.',
  message: (path) => `${path} is no capture`,
  help: '`hadal doctor --capture FILE` writes one. A log is named without --fixture.',
})
