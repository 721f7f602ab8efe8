/** Prints any thrown value as `error[code]: message` and `help: ...`, and returns the exit code. */

import { isHadalError, messageOf } from '@hadal/base'
import { sayError } from './language/say-error.ts'
import { say, translate } from './language/speak.ts'
import type { Terminal } from './terminal.ts'

export const exitCodes = { success: 0, failure: 1, usage: 2 } as const

/** Errors in user input, as opposed to runtime failures. */
const usageCodes: ReadonlySet<string> = new Set([
  'usage',
  'invalid_unit',
  'invalid_distribution',
  'model_ref_invalid',
  'recipe_not_found',
  'config_invalid',
  'guard_check_invalid',
  'guard_policy_invalid',
  'config_file_not_found',
  'config_file_ambiguous',
  'config_file_failed',
  'deploy_invalid',
  'deploy_overlay_unknown',
  'deploy_cold_start_unreadable',
  'keyless_listen',
  'tls_unusable',
  'train_invalid_run',
  'train_recipe_invalid',
  'train_recipe_failed',
  'monitor_key_file_unreadable',
  'monitor_not_loopback',
  'scale_nothing',
  'scale_plan_unreadable',
  'scale_token_unreadable',
  'explain_no_capture',
  'explain_terminal',
  'claims_file_invalid',
  'prove_folder_unreadable',
])

export function reportError(thrown: unknown, terminal: Terminal): number {
  const { red, bold, cyan, dim } = terminal.noteStyle
  if (isHadalError(thrown)) {
    const { message, help } = sayError(thrown)
    const [first, ...rest] = message.split('\n')
    terminal.note([`${red(bold(`error[${thrown.code}]:`))} ${first}`, ...rest].join('\n'))
    terminal.note(`${cyan(translate('help:'))} ${help}`)
    return usageCodes.has(thrown.code) ? exitCodes.usage : exitCodes.failure
  }
  terminal.note(`${red(bold('error[internal]:'))} ${messageOf(thrown)}`)
  if (thrown instanceof Error && thrown.stack)
    terminal.note(dim(thrown.stack.split('\n').slice(1).join('\n')))
  terminal.note(
    `${cyan(translate('help:'))} ${say`This is a bug in Hadal; please report it with the lines above.`}`,
  )
  return exitCodes.failure
}
