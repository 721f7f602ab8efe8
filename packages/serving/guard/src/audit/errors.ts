/** Errors of opening an audit log. Later failures never become request errors. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardAuditUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_audit_unusable',
  status: 500,
  when: 'The audit file of the guard cannot be opened, is damaged, or was written by a newer version.',
  message: (path, why) => `the guard’s audit ${path} cannot be used: ${why}`,
  help: 'Name a file in a folder that can be written to. Move a damaged one away: a new one is made in its place.',
})

export const guardSqliteMissing: ErrorMaker<[why: string]> = defineError({
  code: 'guard_sqlite_missing',
  status: 500,
  when: 'The guard keeps an audit, and the package better-sqlite3 is not installed.',
  message: (why) => `better-sqlite3 cannot be loaded: ${why}`,
  help: 'Install it where Hadal is: npm install better-sqlite3@12.11.1. Or set the guard’s audit to null.',
})
