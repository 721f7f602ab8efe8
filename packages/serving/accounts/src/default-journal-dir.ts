/** The default folder of the usage journal. */

import { homedir } from 'node:os'
import { join } from 'node:path'

/** Next to a SQLite file; otherwise in the user's state folder. */
export function defaultJournalDir(
  database: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (!/^postgres(ql)?:\/\//.test(database)) return `${database}.usage`
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'hadal', 'usage')
}
