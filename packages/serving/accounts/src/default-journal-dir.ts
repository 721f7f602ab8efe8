/** Where usage on its way to the database goes, where nobody says. */

import { homedir } from 'node:os'
import { join } from 'node:path'

/** Beside a SQLite file; else where programs of a user keep their state. */
export function defaultJournalDir(
  database: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (!/^postgres(ql)?:\/\//.test(database)) return `${database}.usage`
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'hadal', 'usage')
}
