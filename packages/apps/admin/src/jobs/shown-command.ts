/** A command in shell syntax. Pure. */

import { redactText } from '@hadal/config'

/** Files of the job itself are shown by their names. */
export function shownCommand(args: readonly string[], files: string): string {
  const shown = args.map((arg) => quoted(redactText(arg.replace(`${files}/`, ''))))
  return ['hadal', ...shown].join(' ')
}

/** Quotes for a shell if necessary. */
const quoted = (arg: string): string =>
  /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`
