/** Errors of opening an audit log. Later failures never become request errors. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardAuditUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_audit_unusable',
  status: 500,
  when: 'The audit file of the guard cannot be opened, is damaged, or was written by a newer version.',
  message: (path, why) => `cannot use the guard audit ${path}: ${why}`,
  help: 'Name a file in a writable folder. Move a damaged file away: a new one is created.',
})

export const guardSqliteMissing: ErrorMaker<[why: string]> = defineError({
  code: 'guard_sqlite_missing',
  status: 500,
  when: 'The guard keeps an audit, and the package better-sqlite3 is not installed.',
  message: (why) => `cannot load better-sqlite3: ${why}`,
  help: 'Install it next to Hadal: npm install better-sqlite3@12.11.1. Or set audit to null in the guard policy.',
})
