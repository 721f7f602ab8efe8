/** Reads the command line of a run: its settings, what else was asked for, and every fault. */

import { type Resolved, type RunSettings, readSettings, runSettings } from '@hadal/config'
import type { CommandLine, SaidSettings } from '@hadal/train'
import { Command, CommanderError } from 'commander'
import { usage } from '../errors.ts'
import { flagValues } from '../setting-flags.ts'
import { ranksIn } from './ranks/rank-flags.ts'
import { addRunFlags, ownRunFlags } from './run-flags.ts'

export interface RunLine extends CommandLine {
  readonly asksHelp: boolean
  readonly dryRun: boolean
  readonly wandb: string | undefined
  /** That would carry it out, where `dryRun` only says so. */
  readonly ranks: number
}

/** What stands after `--` is the recipe's own. Throws `usage` where a value is missing. */
export function readRunLine(given: readonly string[]): RunLine {
  const end = given.indexOf('--')
  const flags = end < 0 ? given : given.slice(0, end)
  const command = addRunFlags(new Command('train'))
    .helpOption(false)
    .option('-h, --help')
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  try {
    command.parse(flags, { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    throw usage(thrown.message.replace(/^error: /, ''), 'hadal train')
  }
  const { help = false, dryRun = false, wandb, nproc } = command.opts()
  const read = readSettings(
    runSettings,
    { flags: flagValues(command, runSettings), unknownArguments: command.args },
    { otherFlags: ownRunFlags },
  )
  return {
    said: saidIn(read),
    args: end < 0 ? [] : given.slice(end + 1),
    faults: read.faults,
    asksHelp: help,
    dryRun,
    wandb,
    ranks: ranksIn(nproc),
  }
}

/** Values that are none are faults, and are not handed on. */
const saidIn = ({ values, origins }: Resolved<RunSettings>): SaidSettings =>
  Object.fromEntries(
    (Object.entries(values) as [keyof RunSettings, unknown][]).filter(
      ([key, value]) =>
        origins[key].source === 'flag' && runSettings[key].kind.schema.safeParse(value).success,
    ),
  )
