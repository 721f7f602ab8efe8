/** Errors of the guard commands' inputs. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardDataUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_data_unreadable',
  status: 400,
  when: 'A file of labelled texts given to a guard command cannot be read, or is empty.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Name a file with one JSON object per line: {"text": "...", "label": 1, "source": "mine"}. docs/guard.md describes the fields.',
})

export const guardAuditMissing: ErrorMaker<[path: string]> = defineError({
  code: 'guard_audit_missing',
  status: 400,
  when: 'The audit file to read does not exist.',
  message: (path) => `the audit file ${path} does not exist`,
  help: 'Name the audit file with --file. A service writes one if audit.file is set in the guard settings of its config file.',
})

export const guardNothingToMeasure: ErrorMaker<[what: string, command: string]> = defineError({
  code: 'guard_nothing_to_measure',
  status: 400,
  when: 'The guard to measure or attack has a policy that cannot block any text.',
  message: (what, _command) => what,
  help: (_what, command) =>
    `Use a policy that blocks, such as --preset default, or change the guard setting of the config. \`${command} --help\` lists the options.`,
})

export const guardCheckInvalid: ErrorMaker<[module: string, why: string]> = defineError({
  code: 'guard_check_invalid',
  status: 500,
  when: 'A module of the guard setting `checkModules` cannot be loaded, or its default export is not a check.',
  message: (module, why) => `${module}: ${why}`,
  help: 'Export a check, or a list of checks, from the module: export default { name, layer, check, action }.',
})

export const guardReviewsFull: ErrorMaker<[path: string, most: number]> = defineError({
  code: 'guard_reviews_full',
  status: 507,
  when: 'The file of guard reviews has reached its size limit.',
  message: (path, most) => `${path} has reached its limit of ${most} reviews or 16 MiB`,
  help: 'Move the file away. What the guard learnt from it is kept.',
})
