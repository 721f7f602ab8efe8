/** Commands for API keys and usage. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'
import { keyLimitFlags } from '../key-limit-flags.ts'

export function addKeys(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const keys = program
    .command('keys')
    .description('Make, limit and revoke the keys of a service.')
    .usage('<create|list|limit|revoke>')
    .helpCommand(false)
  const load = async () => await import('../commands/keys.ts')
  const create = keys
    .command('create')
    .description('Make a key, and show it once.')
    .argument('<name>', 'whose it is')
  const limit = keys
    .command('limit')
    .description('Change what a key may do; what is not named stays, and `none` takes a limit away.')
    .argument('<key>', 'its name or id')
  for (const [flag, doc] of keyLimitFlags) {
    create.option(flag, doc)
    limit.option(flag, doc)
  }
  const list = keys.command('list').description('The keys, what they may do and what they used this month.')
  list.option('--all', 'also those that were revoked or have expired')
  const revoke = keys
    .command('revoke')
    .description('Let a key in no more.')
    .argument('<key>', 'its name or id')
  for (const command of [create, list, limit, revoke]) addDatabaseFlags(command)
  create.action(async (name, flags) => onExit(await (await load()).createKey(name, flags, terminal)))
  list.action(async (flags) => onExit(await (await load()).listKeys(flags, terminal)))
  limit.action(async (key, flags) => onExit(await (await load()).limitKey(key, flags, terminal)))
  revoke.action(async (key, flags) => onExit(await (await load()).revokeKey(key, flags, terminal)))
}

export function addUsage(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const usage = program
    .command('usage')
    .description('What the keys of a service used in a month.')
    .addOption(new Option('--by <what>', 'a line for each').choices(['key', 'model', 'day']).default('key'))
    .option('--month <month>', 'such as 2026-11 (default: this one, in UTC)')
    .option('--key <key>', 'of one alone: its name or id')
  addDatabaseFlags(usage)
  usage.action(async (flags) =>
    onExit(await (await import('../commands/usage.ts')).showUsage(flags, terminal)),
  )
}

/** For commands that need no other setting. */
function addDatabaseFlags(command: Command): void {
  command
    .option(
      '--database <where>',
      'a SQLite file or postgres://user@host/name (default: as the service has it)',
    )
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .option('--json', 'print JSON')
}
