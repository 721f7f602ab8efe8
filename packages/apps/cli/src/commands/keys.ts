/** `hadal keys create | list | limit | revoke`: manages API keys and their limits. */

import type { KeyRecord, KeyWithUsage } from '@hadal/accounts'
import { formatCount } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, translate, usage } from '@hadal/output'
import { type AccountsFlags, openAccountsPlace } from '../accounts-place.ts'
import { describeKeyLimits, formatMoney, type KeyLimitFlags, readKeyLimits } from '../key-limit-flags.ts'

type Flags = AccountsFlags & KeyLimitFlags

export async function createKey(name: string, flags: Flags, terminal: Terminal): Promise<number> {
  const command = 'hadal keys create'
  const limits = readKeyLimits(flags, command, Date.now())
  const { administration, currency } = await openAccountsPlace(flags, command, terminal, false)
  await using _ = administration
  const { key, secret } = await administration.create(name, limits)
  if (flags.json) terminal.print(JSON.stringify({ ...key, secret }, null, 2))
  else {
    terminal.note(`${key.name} (${key.id}): ${describe(key, currency)}`)
    terminal.note(terminal.noteStyle.yellow(say`The key is shown only once; it cannot be recovered:`))
    terminal.print(secret)
  }
  return exitCodes.success
}

export async function limitKey(named: string, flags: Flags, terminal: Terminal): Promise<number> {
  const command = 'hadal keys limit'
  const changes = readKeyLimits(flags, command, Date.now())
  if (Object.keys(changes).length === 0) throw usage(say`no changes specified`, command)
  const { administration, currency } = await openAccountsPlace(flags, command, terminal)
  await using _ = administration
  const key = await administration.limit(named, changes)
  if (flags.json) terminal.print(JSON.stringify(key, null, 2))
  else terminal.print(`${key.name} (${key.id}): ${describe(key, currency)}`)
  return exitCodes.success
}

export async function revokeKey(named: string, flags: Flags, terminal: Terminal): Promise<number> {
  const { administration } = await openAccountsPlace(flags, 'hadal keys revoke', terminal)
  await using _ = administration
  const key = await administration.revoke(named)
  if (flags.json) terminal.print(JSON.stringify(key, null, 2))
  else terminal.print(say`revoked ${key.name} (${key.id}); gateways reject it within 5 seconds`)
  return exitCodes.success
}

export async function listKeys(
  flags: Flags & { readonly all?: boolean },
  terminal: Terminal,
): Promise<number> {
  const { administration, currency } = await openAccountsPlace(flags, 'hadal keys list', terminal)
  await using _ = administration
  const keys = await administration.list()
  const shown = flags.all || flags.json ? keys : keys.filter((key) => stateOf(key) === '')
  if (flags.json) terminal.print(JSON.stringify(shown, null, 2))
  else printList(shown, keys.length - shown.length, currency, terminal)
  return exitCodes.success
}

function printList(
  keys: readonly KeyWithUsage[],
  hidden: number,
  currency: string,
  terminal: Terminal,
): void {
  const { bold, dim, red } = terminal.style
  const isPriced = keys.some(({ used }) => used.costMicros > 0)
  const rows = keys.map((key) => [
    bold(key.name),
    key.id,
    dim(key.prefix),
    formatCount(key.used.requests),
    formatCount(key.used.tokens),
    ...(isPriced ? [formatMoney(key.used.costMicros)] : []),
    stateOf(key) === '' ? describe(key, currency) : red(stateOf(key)),
  ])
  const heads = ['name', 'id', 'key', 'requests', 'tokens', ...(isPriced ? [currency] : []), 'may']
  const align = heads.map((head) => (['requests', 'tokens', currency].includes(head) ? 'right' : 'left'))
  if (keys.length > 0)
    terminal.print(formatTable([heads.map((head) => dim(translate(head))), ...rows], align))
  else terminal.print(say`no keys; create one with hadal keys create <name>`)
  const notes = [
    keys.length > 0 && say`requests and tokens this month, in UTC`,
    hidden > 0 && say`${hidden} revoked or expired; list them with --all`,
  ].filter((note) => note !== false)
  if (notes.length > 0) terminal.print(dim(`\n${notes.join('; ')}`))
}

function describe(key: KeyRecord, currency: string): string {
  const limits = describeKeyLimits(key, currency) || say`unlimited`
  return key.expiresAt === undefined ? limits : say`${limits}, until ${dateOf(key.expiresAt)}`
}

function stateOf(key: KeyRecord): string {
  if (key.revokedAt !== undefined) return say`revoked ${dateOf(key.revokedAt)}`
  if (key.expiresAt !== undefined && key.expiresAt <= Date.now()) return say`expired ${dateOf(key.expiresAt)}`
  return ''
}

/** Includes the time unless it is midnight. */
function dateOf(millis: number): string {
  const text = new Date(millis).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : `${text.slice(0, 16).replace('T', ' ')}Z`
}
