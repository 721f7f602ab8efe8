/** Converts a table of settings to command flags, and parsed flags back to settings. */

import { describeDefault, type Setting, type SettingsTable } from '@hadal/config'
import { type Command, Option } from 'commander'

/** Adds every setting with a flag, grouped under headings. */
export function addSettingFlags<T>(command: Command, table: SettingsTable<T>): void {
  for (const row of Object.values<Setting<unknown>>(table)) {
    if (row.flag === null) continue
    const doc = row.doc.replaceAll('`', '')
    const byDefault = row.default === false ? '' : ` (default: ${describeDefault(row).replaceAll('`', '')})`
    const option = new Option(row.flag, doc + byDefault).helpGroup(`${row.group}:`)
    command.addOption(row.kind.isList ? option.argParser(addToList) : option)
  }
}

/** By setting key, unparsed. */
export function flagValues<T>(command: Command, table: SettingsTable<T>): Record<string, unknown> {
  const given = command.opts<Record<string, unknown>>()
  const values: Record<string, unknown> = {}
  for (const [key, row] of Object.entries<Setting<unknown>>(table)) {
    if (row.flag !== null) values[key] = given[new Option(row.flag).attributeName()]
  }
  return values
}

function addToList(items: string, before: string | undefined): string {
  return before === undefined ? items : `${before},${items}`
}
