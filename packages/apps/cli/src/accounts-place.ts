/** Opens the database of `hadal keys` and `hadal usage`: resolved as for `hadal serve`, without reading other settings. */

import { type Administration, openAdministration } from '@hadal/accounts'
import { loadConfigFile, serviceSettings } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { say, usage } from '@hadal/output'

export interface AccountsFlags {
  readonly database?: string
  readonly config?: string
  readonly json?: boolean
}

export interface AccountsPlace {
  readonly administration: Administration
  readonly currency: string
}

/** Throws `usage` if no database is configured, and errors of opening it. */
export async function openAccountsPlace(
  flags: AccountsFlags,
  command: string,
  { env, folder }: Terminal,
  mustExist = true,
): Promise<AccountsPlace> {
  const file = await loadConfigFile(folder, flags.config ?? (env.HADAL_CONFIG || undefined))
  const said = (key: 'database' | 'currency'): string | undefined => {
    const given: unknown = env[serviceSettings[key].env!] || file?.values[key]
    return typeof given === 'string' && given !== '' ? given : undefined
  }
  const database = flags.database ?? said('database')
  if (database === undefined)
    throw usage(say`no database: set --database, HADAL_DATABASE or \`database\` in the config file`, command)
  return {
    administration: await openAdministration({ database, mustExist }),
    currency: said('currency') ?? serviceSettings.currency.default,
  }
}
