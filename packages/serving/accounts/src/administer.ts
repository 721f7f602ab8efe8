/** The database operations of `hadal keys` and `hadal usage`, safe alongside running gateways. Prints nothing. */

import { randomBytes } from 'node:crypto'
import { type Clock, type Logger, silentLogger, systemClock } from '@hadal/base'
import { findKeys, insertKey, listKeys, revokeKeyAt, updateLimits } from './database/keys.ts'
import { sumUsage, type UsageQuery, type UsageSum } from './database/ledger.ts'
import { openDatabase } from './database/open-database.ts'
import { invalidKeyLimits, noSuchKey } from './errors.ts'
import { type KeyLimits, type KeyRecord, limitIssues, noLimits } from './key-record.ts'
import { newKey } from './key-secret.ts'
import { monthOf } from './usage-event.ts'

/** Absent fields stay unchanged; undefined removes the limit. */
export type LimitChanges = { readonly [K in keyof KeyLimits]?: KeyLimits[K] }

export interface KeyWithUsage extends KeyRecord {
  /** In this month (UTC). */
  readonly used: { readonly requests: number; readonly tokens: number; readonly costMicros: number }
}

export interface Administration extends AsyncDisposable {
  /** The secret is not stored and cannot be recovered. Throws `invalid_key_limits`. */
  create(name: string, limits?: LimitChanges): Promise<{ readonly key: KeyRecord; readonly secret: string }>
  /** By name or id. Takes effect in all gateways within 5 seconds. Throws `no_such_key`, `invalid_key_limits`. */
  limit(named: string, changes: LimitChanges): Promise<KeyRecord>
  /** Takes effect in all gateways within 5 seconds. Throws `no_such_key`. */
  revoke(named: string): Promise<KeyRecord>
  list(): Promise<KeyWithUsage[]>
  /** Throws `no_such_key`. */
  usage(query: UsageQuery): Promise<UsageSum[]>
}

export interface AdministrationOptions {
  readonly database: string
  /** Fail if the SQLite file does not exist, instead of creating it. */
  readonly mustExist?: boolean
  readonly clock?: Clock
  readonly logger?: Logger
}

/** Throws `database_unusable` or `sqlite_missing`. */
export async function openAdministration(options: AdministrationOptions): Promise<Administration> {
  const { database: path, mustExist = false, clock = systemClock, logger = silentLogger } = options
  const database = await openDatabase({ database: path, mustExist, clock, logger })
  const find = async (named: string): Promise<KeyRecord> => {
    const found = await findKeys(database, named)
    if (found.length !== 1) throw noSuchKey(named, found.length)
    return found[0]!
  }
  const checked = (limits: LimitChanges): void => {
    const issues = limitIssues(limits)
    if (issues.length > 0) throw invalidKeyLimits(issues)
  }
  return {
    async create(name, limits = {}) {
      if (name.trim() === '') throw invalidKeyLimits(['a key needs a name'])
      checked(limits)
      const { secret, digest, prefix } = newKey()
      const id = `key_${randomBytes(9).toString('base64url')}`
      const createdAt = Math.floor(clock.wallClock())
      const key: KeyRecord = { ...noLimits, ...limits, id, name, prefix, createdAt, revokedAt: undefined }
      await insertKey(database, key, digest)
      return { key, secret }
    },
    async limit(named, changes) {
      checked(changes)
      const key = { ...(await find(named)), ...changes }
      await updateLimits(database, key.id, key)
      return key
    },
    async revoke(named) {
      const key = await find(named)
      const at = Math.floor(clock.wallClock())
      await revokeKeyAt(database, key.id, at)
      return { ...key, revokedAt: key.revokedAt ?? at }
    },
    async list() {
      const month = monthOf(clock.wallClock())
      const sums = new Map((await sumUsage(database, { by: 'key', month })).map((sum) => [sum.of, sum]))
      return (await listKeys(database)).map((key) => {
        const sum = sums.get(key.id)
        const tokens = (sum?.promptTokens ?? 0) + (sum?.completionTokens ?? 0)
        return { ...key, used: { requests: sum?.requests ?? 0, tokens, costMicros: sum?.costMicros ?? 0 } }
      })
    },
    async usage({ key, ...query }) {
      return await sumUsage(database, { ...query, key: key === undefined ? key : (await find(key)).id })
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}
