/** Writes settings to an existing config file: JSON as data, TypeScript and JavaScript as text, in which nothing else changes. */

import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { configUnwritable } from '../errors.ts'
import { propertiesOf } from './object-literal.ts'

export type Values = Readonly<Record<string, number | string>>

/** Throws `config_unwritable`. */
export async function writeConfig(folder: string, path: string, values: Values): Promise<void> {
  const file = resolve(folder, path)
  try {
    await writeFile(file, changedConfig(path, await readFile(file, 'utf8'), values))
  } catch (cause) {
    if (isHadalError(cause)) throw cause
    throw configUnwritable(path, messageOf(cause)).with({ cause })
  }
}

/** The text of a file with these settings in it. Throws `config_unwritable`. */
export function changedConfig(path: string, before: string, values: Values): string {
  try {
    const after = path.endsWith('.json') ? withJson(before, values) : withText(before, values)
    if (after === undefined) throw new Error('it has no defineService({ ... }) with settings in it')
    return after
  } catch (cause) {
    throw configUnwritable(path, messageOf(cause)).with({ cause })
  }
}

/** If there is no config file yet. */
export const newConfigFile = 'hadal.config.ts'

/** A new file with these settings. */
export const newConfig = (values: Values): string =>
  `import { defineService } from 'hadal'\n\nexport default defineService({\n${configBlock(values)}\n})\n`

/** Lines to paste. */
export const configBlock = (values: Values): string =>
  Object.entries(values)
    .map(([key, value]) => `  ${key}: ${show(value)},`)
    .join('\n')

const show = (value: number | string): string => (typeof value === 'number' ? String(value) : `'${value}'`)

function withJson(text: string, values: Values): string {
  return `${JSON.stringify({ ...JSON.parse(text), ...values }, null, 2)}\n`
}

/** Undefined if the insertion point is unknown. Throws if the file computes a setting in code. */
export function withText(text: string, values: Values): string | undefined {
  const begin = /defineService\(\s*\{|export\s+default\s*\{/.exec(text)
  if (begin === null) return undefined
  const open = begin.index + begin[0].length
  const properties = propertiesOf(text, open - 1)
  if (properties === undefined) return undefined
  let after = text
  const added: [string, number | string][] = []
  const places: { readonly from: number; readonly to: number; readonly value: number | string }[] = []
  for (const [key, value] of Object.entries(values)) {
    const said = properties.filter(({ name }) => name === key)
    if (said.length === 0) added.push([key, value])
    for (const { value: place } of said) {
      const before = place && text.slice(place.from, place.to)
      // Replacing it would break that code, and adding another would have no effect.
      if (before === undefined || !isPlain.test(before)) throw new Error(`it says ${key} in code of its own`)
      places.push({ ...place!, value })
    }
  }
  if (added.length > 0 && properties.some(({ name }) => name === undefined))
    throw new Error(
      `it takes settings from elsewhere, which may hold ${added.map(([key]) => key).join(', ')}`,
    )
  for (const { from, to, value } of places.sort((a, b) => b.from - a.from))
    after = after.slice(0, from) + show(value) + after.slice(to)
  if (added.length === 0) return after
  const lines = `\n${configBlock(Object.fromEntries(added))}`
  const rest = after.slice(open)
  return `${after.slice(0, open)}${lines}${rest.startsWith('\n') ? '' : '\n'}${rest}`
}

const isPlain = /^(?:'[^']*'|"[^"]*"|-?[\d._]+(?:e\d+)?|undefined|true|false)$/i
