/** Validates a hadal command line against the real program: commands, flags, arguments and choices. Runs nothing. */

import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addRunFlags } from '@hadal/launch/flags'
import { processTerminal } from '@hadal/output'
import { loadSettings } from '@hadal/service'
import { Command } from 'commander'
import { translateLlamaServerFlags } from '../src/llama-server/translate-flags.ts'
import { createProgram } from '../src/program.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
/** A folder without a config file. */
const nowhere = join(tmpdir(), 'no-such-folder')
const terminal = { ...processTerminal(), print() {}, note() {}, folder: nowhere, env: {} }
const runFlagNames = new Set([...addRunFlags(new Command()).options.map(({ long }) => long!), '--steps'])

/** The error of `hadal ARGS`; undefined if valid. */
export async function faultOf(args: readonly string[]): Promise<string | undefined> {
  let ran: Command | undefined
  const program = createProgram(terminal, () => {})
  for (const command of withAllBelow(program))
    command.action((...given: unknown[]) => {
      ran = given.at(-1) as Command
    })
  try {
    program.parse(inOwnFlags(args), { from: 'user' })
    if (ran?.name() === 'serve' || ran?.name() === 'show') await loadSettings(ran, terminal)
  } catch (error) {
    const { exitCode, message } = error as { exitCode?: number; message: string }
    if (exitCode !== 0) return message
  }
  const takesRunFlags = ran?.name() === 'verify-resume' || (args[0] === 'train' && !trainsByItself(args[1]!))
  return takesRunFlags ? strangeRunFlag(args) : undefined
}

function withAllBelow(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...withAllBelow(each)])
}

function inOwnFlags([command, ...rest]: readonly string[]): string[] {
  const args = command === 'serve' ? translateLlamaServerFlags(rest, { readFile: () => '' }).args : rest
  return command === undefined ? [] : [command, ...args]
}

/** Such recipes define their own flags. */
function trainsByItself(recipe: string): boolean {
  return existsSync(join(root, recipe, 'train.ts'))
}

/** Run flags are validated by the recipe's process, which rejects unknown ones. */
function strangeRunFlag(args: readonly string[]): string | undefined {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const strange = own.find((word) => word.startsWith('--') && !runFlagNames.has(word.split('=')[0]!))
  return strange && `there is no flag ${strange} of a run`
}
