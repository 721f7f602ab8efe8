/** Keys in the database: the mapping between rows and `KeyRecord`. */

import type { Insertable, Selectable } from 'kysely'
import type { KeyLimits, KeyRecord } from '../key-record.ts'
import type { Database } from './open-database.ts'
import type { KeysTable } from './schema.ts'

export async function findKeyByDigest({ db }: Database, digest: string): Promise<StoredKey | undefined> {
  const row = await db.selectFrom('hadal_keys').selectAll().where('digest', '=', digest).executeTakeFirst()
  return row === undefined ? undefined : { record: recordOf(row), digest: row.digest }
}

export interface StoredKey {
  readonly record: KeyRecord
  readonly digest: string
}

/** By id, or all with this name. Revoked keys only by id. */
export async function findKeys({ db }: Database, named: string): Promise<KeyRecord[]> {
  const rows = await db
    .selectFrom('hadal_keys')
    .selectAll()
    .where(({ or, and, eb }) =>
      or([eb('id', '=', named), and([eb('name', '=', named), eb('revoked_at', 'is', null)])]),
    )
    .execute()
  const exact = rows.filter((row) => row.id === named)
  return (exact.length > 0 ? exact : rows).map(recordOf)
}

export async function listKeys({ db }: Database): Promise<KeyRecord[]> {
  const rows = await db.selectFrom('hadal_keys').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map(recordOf)
}

export async function insertKey({ transact }: Database, record: KeyRecord, digest: string): Promise<void> {
  const { id, name, prefix, createdAt } = record
  const row = { id, name, prefix, digest, created_at: createdAt, revoked_at: null, ...limitColumns(record) }
  await transact((trx) => trx.insertInto('hadal_keys').values(row).execute())
}

/** New limits start with a full bucket. */
export async function updateLimits({ transact }: Database, id: string, limits: KeyLimits): Promise<void> {
  await transact(async (trx) => {
    await trx.updateTable('hadal_keys').set(limitColumns(limits)).where('id', '=', id).execute()
    await trx
      .updateTable('hadal_pools')
      .set({
        requests_level: limits.requestsPerMinute ?? 0,
        tokens_level: limits.tokensPerMinute ?? 0,
        tokens_refundable: 0,
      })
      .where('key_id', '=', id)
      .execute()
  })
}

export async function revokeKeyAt({ transact }: Database, id: string, at: number): Promise<void> {
  await transact((trx) =>
    trx
      .updateTable('hadal_keys')
      .set({ revoked_at: Math.floor(at) })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .execute(),
  )
}

function limitColumns(limits: KeyLimits): Pick<Insertable<KeysTable>, LimitColumn> {
  return {
    expires_at: limits.expiresAt ?? null,
    priority: limits.priority ?? null,
    weight: limits.weight ?? null,
    models: limits.models === undefined ? null : JSON.stringify(limits.models),
    requests_per_minute: limits.requestsPerMinute ?? null,
    tokens_per_minute: limits.tokensPerMinute ?? null,
    max_concurrent: limits.maxConcurrent ?? null,
    budget_unit: limits.budget?.unit ?? null,
    budget_amount: limits.budget?.amount ?? null,
  }
}

type LimitColumn = Exclude<keyof KeysTable, 'id' | 'name' | 'prefix' | 'digest' | 'created_at' | 'revoked_at'>

function recordOf(row: Selectable<KeysTable>): KeyRecord {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    createdAt: row.created_at,
    revokedAt: row.revoked_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    priority: row.priority ?? undefined,
    weight: row.weight ?? undefined,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    requestsPerMinute: row.requests_per_minute ?? undefined,
    tokensPerMinute: row.tokens_per_minute ?? undefined,
    maxConcurrent: row.max_concurrent ?? undefined,
    budget: row.budget_unit === null ? undefined : { unit: row.budget_unit, amount: row.budget_amount ?? 0 },
  }
}
