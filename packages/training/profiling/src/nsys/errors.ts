/** Errors of Nsight Systems and its reports. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const nsysMissing: ErrorMaker<[]> = defineError({
  code: 'nsys_missing',
  status: 400,
  when: 'A command is to run under Nsight Systems, and the program `nsys` is not installed.',
  message: () => 'there is no nsys on the PATH',
  help: 'Install Nsight Systems, or put the folder bin of CUDA’s toolkit on the PATH, which has it; or do without --nsys.',
})

export const nsysNoReport: ErrorMaker<[path: string]> = defineError({
  code: 'nsys_no_report',
  status: 500,
  when: 'nsys succeeded but wrote no SQLite report. Its output is printed above.',
  message: (path) => `nsys has ended and left no ${path}`,
  help: 'See what nsys says of the machine: nsys status --environment. Versions before 2020.3 do not export by themselves.',
})

export const nsysReaderMissing: ErrorMaker<[why: string]> = defineError({
  code: 'nsys_reader_missing',
  status: 500,
  when: 'An Nsight Systems report is to be read, and the package better-sqlite3 is not installed.',
  message: (why) => `better-sqlite3 cannot be loaded: ${why}`,
  help: 'Install it where Hadal is: npm install better-sqlite3@12.11.1.',
})

export const nsysReportUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nsys_report_unreadable',
  status: 400,
  when: 'The file is not an Nsight Systems report in SQLite format, is damaged, or contains no recorded data.',
  message: (path, why) => `${path} cannot be read as a report of Nsight Systems: ${why}`,
  help: 'Export it again: nsys export --type sqlite REPORT.nsys-rep.',
})
