/** Settings of accounts: where keys and usage are stored, and prices. */

import { optional, text } from '../kinds.ts'
import { type PriceSetting, priceSettings } from '../price-setting.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface AccountsSettings {
  /** Database for keys, limits and usage: a SQLite file, or `postgres://user@host/name` to share between gateways. Clients must send one of its keys; create keys with `hadal keys`. */
  readonly database: string | undefined
  /** Journal folder for usage not yet in the database; survives a kill. Must be exclusive to this gateway and persistent. */
  readonly journalDir: string | undefined
  /** Prices per million tokens by model, `{ "qwen*": { "input": 0.4, "cachedInput": 0.1, "output": 1.2 } }`; the first matching name or pattern applies. */
  readonly prices: Readonly<Record<string, PriceSetting>>
  /** Currency of prices and budgets. */
  readonly currency: string
}

export const accountsSettings: SettingsTable<AccountsSettings> = {
  database: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'none: usage is not recorded',
    doc: 'Database for keys, limits and usage: a SQLite file, or `postgres://user@host/name` to share between gateways. Clients must send one of its keys; create keys with `hadal keys`.',
    group: 'Operation',
    unit: null,
    flag: '--database <where>',
    env: 'HADAL_DATABASE',
    secret: true,
  }),
  journalDir: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'next to the SQLite file; with PostgreSQL `~/.local/state/hadal/usage`',
    doc: 'Journal folder for usage not yet in the database; survives a kill. Must be exclusive to this gateway and persistent.',
    group: 'Operation',
    unit: null,
    flag: '--journal-dir <folder>',
    env: 'HADAL_JOURNAL_DIR',
  }),
  prices: setting({
    kind: priceSettings,
    default: {},
    defaultDoc: 'none',
    doc: 'Prices per million tokens by model, `{ "qwen*": { "input": 0.4, "cachedInput": 0.1, "output": 1.2 } }`; the first matching name or pattern applies.',
    group: 'Operation',
    unit: null,
    flag: null,
    env: 'HADAL_PRICES',
  }),
  currency: setting({
    kind: text,
    default: 'USD',
    doc: 'Currency of prices and budgets.',
    group: 'Operation',
    unit: null,
    flag: null,
    env: 'HADAL_CURRENCY',
  }),
}
