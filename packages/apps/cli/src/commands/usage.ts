/** `hadal usage`: usage of a month by key, model or day. */

import { monthOf, type UsageSum } from '@hadal/accounts'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, usage } from '@hadal/output'
import { type AccountsFlags, openAccountsPlace } from '../accounts-place.ts'
import { formatMoney } from '../key-limit-flags.ts'

export interface UsageFlags extends AccountsFlags {
  readonly by: 'key' | 'model' | 'day'
  readonly month?: string
  readonly key?: string
}

export async function showUsage(flags: UsageFlags, terminal: Terminal): Promise<number> {
  const command = 'hadal usage'
  const month = flags.month ?? monthOf(Date.now())
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw usage(say`--month: ${JSON.stringify(month)} is not a month in the form 2026-11`, command)
  const { administration, currency } = await openAccountsPlace(flags, command, terminal)
  await using _ = administration
  const sums = await administration.usage({ by: flags.by, month, key: flags.key })
  const names = new Map(
    flags.by === 'key' ? (await administration.list()).map(({ id, name }) => [id, name]) : [],
  )
  const named = sums.map((sum) => ({ ...sum, name: names.get(sum.of) ?? sum.of }))
  if (flags.json) {
    const rows = named.map(({ of, name, ...rest }) => ({
      [flags.by]: of,
      ...(flags.by === 'key' && { name }),
      ...rest,
    }))
    terminal.print(JSON.stringify({ month, currency, usage: rows }, null, 2))
  } else if (named.length === 0) terminal.print(say`no usage in ${month}`)
  else printSums(named, flags.by, month, currency, terminal)
  return exitCodes.success
}

function printSums(
  sums: readonly (UsageSum & { readonly name: string })[],
  by: string,
  month: string,
  currency: string,
  terminal: Terminal,
): void {
  const { bold, dim } = terminal.style
  const isPriced = sums.some((sum) => sum.costMicros > 0)
  const add = (read: (sum: UsageSum) => number): number => sums.reduce((total, sum) => total + read(sum), 0)
  const all = {
    name: 'all',
    requests: add((sum) => sum.requests),
    promptTokens: add((sum) => sum.promptTokens),
    cachedTokens: add((sum) => sum.cachedTokens),
    completionTokens: add((sum) => sum.completionTokens),
    costMicros: add((sum) => sum.costMicros),
  }
  const row = (sum: typeof all, style: (text: string) => string): string[] => [
    style(sum.name),
    ...[sum.requests, sum.promptTokens, sum.cachedTokens, sum.completionTokens].map(digits),
    ...(isPriced ? [formatMoney(sum.costMicros)] : []),
  ]
  const heads = [
    by,
    say`requests`,
    say`prompt`,
    say`of it cached`,
    say`completion`,
    ...(isPriced ? [currency] : []),
  ].map(dim)
  const rows = [...sums.map((sum) => row(sum, bold)), ...(sums.length > 1 ? [row(all, dim)] : [])]
  terminal.print(formatTable([heads, ...rows], ['left', ...heads.slice(1).map(() => 'right' as const)]))
  terminal.print(dim(say`\n${month}, in UTC; tokens`))
}

/** 1234567 as `1,234,567`, unrounded for billing. */
const digits = (count: number): string => count.toLocaleString('en-US')
