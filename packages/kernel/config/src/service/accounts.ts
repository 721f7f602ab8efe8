/** Settings of accounts: where keys and usage are stored, and prices. */

import { optional, text } from '../kinds.ts'
import { type PriceSetting, priceSettings } from '../price-setting.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface AccountsSettings {
  /** Where keys, their limits and their usage are kept: the path of a SQLite file, or `postgres://user@host/name` where several gateways share them. Clients must send one of its keys; `hadal keys` makes them. */
  readonly database: string | undefined
  /** Folder for usage on its way to the database, of this gateway alone and the same after a restart: what is there outlives a kill. */
  readonly journalDir: string | undefined
  /** What a million tokens of each model cost, `{ "qwen*": { "input": 0.4, "cachedInput": 0.1, "output": 1.2 } }`: the first name or pattern that fits. */
  readonly prices: Readonly<Record<string, PriceSetting>>
  /** What money is called that prices and budgets are in. */
  readonly currency: string
}

export const accountsSettings: SettingsTable<AccountsSettings> = {
  database: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'none: nobody is counted',
    doc: 'Where keys, their limits and their usage are kept: the path of a SQLite file, or `postgres://user@host/name` where several gateways share them. Clients must send one of its keys; `hadal keys` makes them.',
    group: 'Operation',
    unit: null,
    flag: '--database <where>',
    env: 'HADAL_DATABASE',
    secret: true,
  }),
  journalDir: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'beside the SQLite file; with PostgreSQL `~/.local/state/hadal/usage`',
    doc: 'Folder for usage on its way to the database, of this gateway alone and the same after a restart: what is there outlives a kill.',
    group: 'Operation',
    unit: null,
    flag: '--journal-dir <folder>',
    env: 'HADAL_JOURNAL_DIR',
  }),
  prices: setting({
    kind: priceSettings,
    default: {},
    defaultDoc: 'none',
    doc: 'What a million tokens of each model cost, `{ "qwen*": { "input": 0.4, "cachedInput": 0.1, "output": 1.2 } }`: the first name or pattern that fits.',
    group: 'Operation',
    unit: null,
    flag: null,
    env: 'HADAL_PRICES',
  }),
  currency: setting({
    kind: text,
    default: 'USD',
    doc: 'What money is called that prices and budgets are in.',
    group: 'Operation',
    unit: null,
    flag: null,
    env: 'HADAL_CURRENCY',
  }),
}
