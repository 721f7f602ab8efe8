/** Commands for API keys and usage. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'
import { keyLimitFlags } from '../key-limit-flags.ts'

export function addKeys(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const keys = program
    .command('keys')
    .description('Create, limit and revoke API keys.')
    .usage('<create|list|limit|revoke>')
    .helpCommand(false)
  const load = async () => await import('../commands/keys.ts')
  const create = keys
    .command('create')
    .description('Create a key and show it once.')
    .argument('<name>', 'owner of the key')
  const limit = keys
    .command('limit')
    .description('Change the limits of a key. Unspecified limits stay; `none` removes a limit.')
    .argument('<key>', 'key name or id')
  for (const [flag, doc] of keyLimitFlags) {
    create.option(flag, doc)
    limit.option(flag, doc)
  }
  const list = keys.command('list').description('List keys with their limits and this month’s usage.')
  list.option('--all', 'include revoked and expired keys')
  const revoke = keys.command('revoke').description('Revoke a key.').argument('<key>', 'key name or id')
  for (const command of [create, list, limit, revoke]) addDatabaseFlags(command)
  create.action(async (name, flags) => onExit(await (await load()).createKey(name, flags, terminal)))
  list.action(async (flags) => onExit(await (await load()).listKeys(flags, terminal)))
  limit.action(async (key, flags) => onExit(await (await load()).limitKey(key, flags, terminal)))
  revoke.action(async (key, flags) => onExit(await (await load()).revokeKey(key, flags, terminal)))
}

export function addUsage(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const usage = program
    .command('usage')
    .description('Show the monthly usage of keys.')
    .addOption(
      new Option('--by <what>', 'grouping of the rows').choices(['key', 'model', 'day']).default('key'),
    )
    .option('--month <month>', 'month such as 2026-11 (default: the current month, in UTC)')
    .option('--key <key>', 'only this key: name or id')
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
      'a SQLite file or postgres://user@host/name (default: the service’s database)',
    )
    .option('--config <file>', 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)')
    .option('--json', 'print JSON')
}
