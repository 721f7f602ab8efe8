/** Errors of `hadal doctor explain` when reading its input. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const explainUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'explain_unreadable',
  status: 400,
  when: 'A file given to `hadal doctor explain` cannot be read, or is compressed in an unsupported format.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Name a text file, a gzip file, a folder of such files, or - for standard input. Decompress other formats first: `zstd -dc FILE | hadal doctor explain -`.',
})

export const explainTerminal: ErrorMaker<[]> = defineError({
  code: 'explain_terminal',
  status: 400,
  when: '`hadal doctor explain -` reads standard input, which is a terminal instead of a pipe or file.',
  message: () => 'standard input is a terminal',
  help: 'Pipe a log into it, as in `sudo dmesg | hadal doctor explain -`, or name a file.',
})

export const explainNoCapture: ErrorMaker<[path: string]> = defineError({
  code: 'explain_no_capture',
  status: 400,
  when: 'The file of `hadal doctor explain --fixture` is not a capture of `hadal doctor`.',
  message: (path) => `${path} is not a capture`,
  help: 'Create one with `hadal doctor --capture FILE`. To explain a log, leave --fixture out.',
})
