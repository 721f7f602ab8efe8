/** Errors of Nsight Systems and its reports. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const nsysMissing: ErrorMaker<[]> = defineError({
  code: 'nsys_missing',
  status: 400,
  when: 'A command is to run under Nsight Systems, and the program `nsys` is not installed.',
  message: () => 'nsys is not on the PATH',
  help: 'Install Nsight Systems, add the bin folder of the CUDA toolkit to the PATH, or leave out --nsys.',
})

export const nsysNoReport: ErrorMaker<[path: string]> = defineError({
  code: 'nsys_no_report',
  status: 500,
  when: 'Nsight Systems (nsys) succeeded but wrote no SQLite report. Its output is printed above.',
  message: (path) => `nsys finished without writing ${path}`,
  help: 'Check the machine with nsys status --environment. Versions before 2020.3 do not export automatically.',
})

export const nsysReaderMissing: ErrorMaker<[why: string]> = defineError({
  code: 'nsys_reader_missing',
  status: 500,
  when: 'An Nsight Systems report is to be read, and the package better-sqlite3 is not installed.',
  message: (why) => `cannot load better-sqlite3: ${why}`,
  help: 'Install it next to Hadal: npm install better-sqlite3@12.11.1.',
})

export const nsysReportUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'nsys_report_unreadable',
  status: 400,
  when: 'The file is not an Nsight Systems report in SQLite format, is damaged, or contains no recorded data.',
  message: (path, why) => `cannot read ${path} as an Nsight Systems report: ${why}`,
  help: 'Export it again: nsys export --type sqlite REPORT.nsys-rep.',
})
