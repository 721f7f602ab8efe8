/** A command as somebody would type it. Pure. */

import { redactText } from '@hadal/config'

/** Files of the job itself are shown by their names. */
export function shownCommand(args: readonly string[], files: string): string {
  const shown = args.map((arg) => quoted(redactText(arg.replace(`${files}/`, ''))))
  return ['hadal', ...shown].join(' ')
}

/** For a shell, where it needs it. */
const quoted = (arg: string): string =>
  /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`
