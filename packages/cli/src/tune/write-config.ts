/** Puts settings into a config file that stands: JSON as data, TypeScript and JavaScript as text, in which nothing else changes. */

import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { configUnwritable } from '../errors.ts'

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

/** Where there is no config file yet. */
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

/** Undefined where it is not known where settings would go. */
export function withText(text: string, values: Values): string | undefined {
  const begin = /defineService\(\s*\{|export\s+default\s*\{/.exec(text)
  if (begin === null) return undefined
  let after = text
  const added: [string, number | string][] = []
  for (const [key, value] of Object.entries(values)) {
    // A setting of the file itself stands at the beginning of a line; what it is set to ends with the line or a comma.
    const line = new RegExp(
      `^([ \\t]+)${key}:[ \\t]*(?:'[^'\\n]*'|"[^"\\n]*"|[\\w.]+)(?=[ \\t]*(?:,|//|$|\\n|\\}))`,
      'm',
    )
    if (line.test(after)) after = after.replace(line, `$1${key}: ${show(value)}`)
    else added.push([key, value])
  }
  if (added.length === 0) return after
  const at = begin.index + begin[0].length
  const lines = `\n${configBlock(Object.fromEntries(added))}`
  const rest = after.slice(at)
  return `${after.slice(0, at)}${lines}${rest.startsWith('\n') ? '' : '\n'}${rest}`
}
