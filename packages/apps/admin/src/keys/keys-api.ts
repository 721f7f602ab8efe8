/**
 * Keys and usage for administrators, in the service's database. It is opened, and its code loaded, on first use, separately from the
 * gateway's connection.
 */

import type { Administration, LimitChanges, UsageSum } from '@hadal/accounts'
import { type Clock, type Logger, systemClock } from '@hadal/base'
import type { KeyLimitFields, UsageReport, UsageRow } from '@hadal/protocol'
import type { KeysApi } from '@hadal/server'

export interface KeysApiOptions {
  /** As in `openAdministration`. */
  readonly database: string
  readonly currency: () => string
  readonly clock?: Clock
  readonly logger: Logger
}

/** Also closes the database. */
export type OpenKeysApi = KeysApi & AsyncDisposable

export function openKeysApi({
  database,
  currency,
  clock = systemClock,
  logger,
}: KeysApiOptions): OpenKeysApi {
  let opening: Promise<Administration> | undefined
  const open = async (): Promise<Administration> => {
    const { openAdministration } = await import('@hadal/accounts')
    return openAdministration({ database, clock, logger })
  }
  const administration = (): Promise<Administration> => {
    opening ??= open().catch((error: unknown) => {
      // The next call retries.
      opening = undefined
      throw error
    })
    return opening
  }
  const thisMonth = (): string => new Date(clock.wallClock()).toISOString().slice(0, 7)
  return {
    async list() {
      const keys = await (await administration()).list()
      return { keys, currency: currency(), month: thisMonth(), now: Math.floor(clock.wallClock()) }
    },
    async create({ name, ...limits }) {
      const made = await (await administration()).create(name, changesOf(limits))
      logger.info(`an administrator made the key ${made.key.name}`, { key: made.key.id })
      return made
    },
    async limit(id, fields) {
      const key = await (await administration()).limit(id, changesOf(fields))
      logger.info(`an administrator limited the key ${key.name}`, { key: key.id })
      return key
    },
    async revoke(id) {
      const key = await (await administration()).revoke(id)
      logger.info(`an administrator revoked the key ${key.name}`, { key: key.id })
      return key
    },
    async usage({ by, month = thisMonth(), key }): Promise<UsageReport> {
      const held = await administration()
      const usage = by === 'month' ? await byMonth(held, month, key) : await held.usage({ by, month, key })
      return { by, month, currency: currency(), usage: by === 'key' ? await named(held, usage) : usage }
    },
    async [Symbol.asyncDispose]() {
      const held = await opening?.catch(() => undefined)
      await held?.[Symbol.asyncDispose]()
    },
  }
}

/** null takes a limit away, which the administration knows as undefined. */
const changesOf = (fields: KeyLimitFields): LimitChanges =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value ?? undefined]),
  )

async function named(held: Administration, sums: readonly UsageSum[]): Promise<UsageRow[]> {
  const names = new Map((await held.list()).map(({ id, name }) => [id, name]))
  return sums.map((sum) => ({ ...sum, name: names.get(sum.of) ?? sum.of }))
}

/** Twelve months, the oldest first; those without use are there, too. */
async function byMonth(held: Administration, last: string, key: string | undefined): Promise<UsageRow[]> {
  const [year, month] = last.split('-').map(Number) as [number, number]
  const rows: UsageRow[] = []
  for (let back = 11; back >= 0; back -= 1) {
    const of = new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7)
    const days = await held.usage({ by: 'day', month: of, key })
    const add = (read: (sum: UsageSum) => number): number => days.reduce((total, sum) => total + read(sum), 0)
    rows.push({
      of,
      requests: add((sum) => sum.requests),
      promptTokens: add((sum) => sum.promptTokens),
      cachedTokens: add((sum) => sum.cachedTokens),
      completionTokens: add((sum) => sum.completionTokens),
      costMicros: add((sum) => sum.costMicros),
    })
  }
  return rows
}
