/** What goes wrong with Nsight Systems and its reports. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const nsysMissing: ErrorMaker<[]> = defineError({
  code: 'nsys_missing',
  status: 400,
  when: 'A command is to run under Nsight Systems, whose program `nsys` is not there.',
  message: () => 'there is no nsys on the PATH',
  help: 'Install Nsight Systems, or put the folder bin of CUDA’s toolkit on the PATH, which has it; or do without --nsys.',
})

export const nsysNoReport: ErrorMaker<[path: string]> = defineError({
  code: 'nsys_no_report',
  status: 500,
  when: 'nsys has ended well and left no report in SQLite: what it said stands above.',
  message: (path) => `nsys has ended and left no ${path}`,
  help: 'See what nsys says of the machine: nsys status --environment. Versions before 2020.3 do not export by themselves.',
})

export const nsysReaderMissing: ErrorMaker<[why: string]> = defineError({
  code: 'nsys_reader_missing',
  status: 500,
  when: 'A report of Nsight Systems is to be read, and the package that reads SQLite is not installed.',
  message: (why) => `better-sqlite3 cannot be loaded: ${why}`,
  help: 'Install it where Hadal is: npm install better-sqlite3@12.11.1.',
})

export const nsysReportUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nsys_report_unreadable',
  status: 400,
  when: 'A file that should be a report of Nsight Systems in SQLite is none, is damaged, or holds nothing that was recorded.',
  message: (path, why) => `${path} cannot be read as a report of Nsight Systems: ${why}`,
  help: 'Export it again: nsys export --type sqlite REPORT.nsys-rep.',
})
