/** What keeps an audit from being opened. Once it is open, nothing that goes wrong with it is an error of a request. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardAuditUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_audit_unusable',
  status: 500,
  when: 'The file of the guard’s audit cannot be opened, is damaged, or is of a newer version.',
  message: (path, why) => `the guard’s audit ${path} cannot be used: ${why}`,
  help: 'Name a file in a folder that can be written to. Move a damaged one away: a new one is made in its place.',
})

export const guardSqliteMissing: ErrorMaker<[why: string]> = defineError({
  code: 'guard_sqlite_missing',
  status: 500,
  when: 'The guard is to keep an audit, and the package that reads and writes SQLite files is not installed.',
  message: (why) => `better-sqlite3 cannot be loaded: ${why}`,
  help: 'Install it where Hadal is: npm install better-sqlite3@12.11.1. Or set the guard’s audit to null.',
})
