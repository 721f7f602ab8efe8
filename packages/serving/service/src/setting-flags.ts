/** Turns a table of settings into flags of a command, and the flags given back into keys of the table. */

import { describeDefault, type Setting, type SettingsTable } from '@hadal/config'
import { type Command, Option } from 'commander'

/** Adds every setting that has a flag, under the heading of its group. */
export function addSettingFlags<T>(command: Command, table: SettingsTable<T>): void {
  for (const row of Object.values<Setting<unknown>>(table)) {
    if (row.flag === null) continue
    const doc = row.doc.replaceAll('`', '')
    const byDefault = row.default === false ? '' : ` (default: ${describeDefault(row).replaceAll('`', '')})`
    const option = new Option(row.flag, doc + byDefault).helpGroup(`${row.group}:`)
    command.addOption(row.kind.isList ? option.argParser(addToList) : option)
  }
}

/** By key of the table, as given. */
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
