/** `hadal op new`: a folder with an operator that works, to be changed into another. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { opNames, opTemplate } from '@hadal/launch'
import type { Terminal } from '@hadal/output'
import { exitCodes, usage } from '@hadal/output'
import { opFolderTaken } from '../errors.ts'

export interface OpNewFlags {
  readonly folder?: string
}

export function newOp(given: string, flags: OpNewFlags, terminal: Terminal): number {
  const names = opNames(given)
  if (names === undefined)
    throw usage(`${JSON.stringify(given)} is no name: write vector_add or my::vector_add`, 'hadal op new')
  const folder = resolve(terminal.folder, flags.folder ?? names.file)
  const files = Object.entries(opTemplate(names))
  const taken = files.find(([name]) => existsSync(join(folder, name)))
  const shown = relative(terminal.folder, folder) || '.'
  if (taken !== undefined) throw opFolderTaken(shown, `${taken[0]} is there already`)
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of files) writeFileSync(join(folder, name), text)
  } catch (thrown) {
    throw opFolderTaken(shown, messageOf(thrown)).with({ cause: thrown })
  }
  const { bold, dim, cyan } = terminal.style
  terminal.print(`${bold(names.full)} in ${shown}`)
  for (const [name] of files) terminal.print(dim(`  ${name}`))
  terminal.print(`\nNext: ${cyan(`hadal op test ${shown}`)}`)
  return exitCodes.success
}
