/** Errors of the guard commands' inputs. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardDataUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'guard_data_unreadable',
  status: 400,
  when: 'A file of labelled texts given to a guard command cannot be read, or is empty.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Name a file with a JSON object on each line: {"text": "...", "label": 1, "source": "mine"}. docs/guard.md has the fields.',
})

export const guardAuditMissing: ErrorMaker<[path: string]> = defineError({
  code: 'guard_audit_missing',
  status: 400,
  when: 'The audit file to read does not exist.',
  message: (path) => `there is no audit ${path}`,
  help: 'A service writes one from its start on where audit.file is in the guard setting of its config file. Name it with --file.',
})

export const guardNothingToMeasure: ErrorMaker<[what: string, command: string]> = defineError({
  code: 'guard_nothing_to_measure',
  status: 400,
  when: 'The guard to measure or attack has a policy that cannot block any text.',
  message: (what, _command) => what,
  help: (_what, command) =>
    `Name a policy that blocks, such as --preset default, or change the guard setting of the config: \`${command} --help\`.`,
})

export const guardCheckInvalid: ErrorMaker<[module: string, why: string]> = defineError({
  code: 'guard_check_invalid',
  status: 500,
  when: 'A module of the guard setting `checkModules` cannot be loaded, or its default export is not a check.',
  message: (module, why) => `${module}: ${why}`,
  help: 'A module of checks says: export default { name, layer, check, action }, or a list of such.',
})

export const guardReviewsFull: ErrorMaker<[path: string, most: number]> = defineError({
  code: 'guard_reviews_full',
  status: 507,
  when: 'The file of guard reviews has reached its size limit.',
  message: (path, most) => `${path} holds ${most} reviews or 16 MiB, and no more are kept there`,
  help: 'Move the file away: what was learnt from it stays learnt.',
})
