/** The tables for kysely, and their migrations. Append only: existing migrations have run in production. */

import { type Kysely, sql } from 'kysely'

export interface Tables {
  hadal_keys: KeysTable
  hadal_pools: PoolsTable
  hadal_leases: LeasesTable
  hadal_gateways: { id: string; seen_at: number }
  hadal_usage_events: UsageEventsTable
  hadal_usage: UsageTable
  hadal_schema: { id: number; version: number }
}

export interface KeysTable {
  id: string
  name: string
  prefix: string
  digest: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  priority: number | null
  weight: number | null
  /** A JSON list of strings. */
  models: string | null
  requests_per_minute: number | null
  tokens_per_minute: number | null
  max_concurrent: number | null
  budget_unit: 'tokens' | 'micros' | null
  budget_amount: number | null
}

/** The remaining per-minute quota of a key, for all gateways. */
interface PoolsTable {
  key_id: string
  requests_level: number
  tokens_level: number
  tokens_refundable: number
  requests_at: number
  tokens_at: number
}

/** What a gateway holds of a key. */
interface LeasesTable {
  key_id: string
  gateway_id: string
  report: number
  requests: number
  tokens: number
  slots: number
  budget: number
  month: string
  expires_at: number
}

/** Every counted request, for as long as a journal may contain it. */
interface UsageEventsTable {
  id: string
  request_id: string
  key_id: string
  model: string
  at: number
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  cost_micros: number
}

export interface UsageTable {
  key_id: string
  /** In UTC, `2026-11-26`. */
  day: string
  model: string
  requests: number
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  cost_micros: number
}

type Migration = (db: Kysely<Tables>) => Promise<void>

/** In order; the schema version is the number of migrations that ran. */
export const migrations: readonly Migration[] = [
  async (db) => {
    await db.schema
      .createTable('hadal_keys')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('priority', 'integer')
      .addColumn('weight', 'double precision')
      .addColumn('models', 'text')
      .addColumn('requests_per_minute', 'bigint')
      .addColumn('tokens_per_minute', 'bigint')
      .addColumn('max_concurrent', 'bigint')
      .addColumn('budget_unit', 'text')
      .addColumn('budget_amount', 'bigint')
      .execute()
    await db.schema
      .createTable('hadal_pools')
      .addColumn('key_id', 'text', (column) => column.primaryKey())
      .addColumn('requests_level', 'double precision', (column) => column.notNull())
      .addColumn('tokens_level', 'double precision', (column) => column.notNull())
      .addColumn('tokens_refundable', 'double precision', (column) => column.notNull())
      .addColumn('requests_at', 'double precision', (column) => column.notNull())
      .addColumn('tokens_at', 'double precision', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('hadal_leases')
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('gateway_id', 'text', (column) => column.notNull())
      .addColumn('report', 'bigint', (column) => column.notNull())
      .addColumn('requests', 'double precision', (column) => column.notNull())
      .addColumn('tokens', 'double precision', (column) => column.notNull())
      .addColumn('slots', 'bigint', (column) => column.notNull())
      .addColumn('budget', 'bigint', (column) => column.notNull())
      .addColumn('month', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('hadal_leases_key', ['key_id', 'gateway_id'])
      .execute()
    await db.schema
      .createTable('hadal_gateways')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('seen_at', 'double precision', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('hadal_usage_events')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('prompt_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('completion_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost_micros', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('hadal_usage_events_at').on('hadal_usage_events').column('at').execute()
    await db.schema
      .createTable('hadal_usage')
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('prompt_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('completion_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost_micros', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('hadal_usage_key', ['key_id', 'day', 'model'])
      .execute()
  },
]

/** An arbitrary lock number, unlikely to be used elsewhere. */
const lockNumber = 7_236_154_101

/** Migrates the tables to the newest version. Throws if their version is newer than this program. */
export async function migrate(db: Kysely<Tables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  // One process at a time: by a lock, or in SQLite by writing first.
  if (kind === 'sqlite') await createVersionTable(db)
  await db.transaction().execute(async (trx) => {
    if (kind === 'postgres') {
      await sql`select pg_advisory_xact_lock(${sql.lit(lockNumber)})`.execute(trx)
      await createVersionTable(trx)
    }
    await trx
      .insertInto('hadal_schema')
      .values({ id: 1, version: 0 })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const { version } = await trx.selectFrom('hadal_schema').select('version').executeTakeFirstOrThrow()
    if (version > migrations.length)
      throw new Error(`its tables are of version ${version}, and this Hadal knows ${migrations.length}`)
    for (const migration of migrations.slice(version)) await migration(trx)
    await trx.updateTable('hadal_schema').set({ version: migrations.length }).execute()
  })
}

async function createVersionTable(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('hadal_schema')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute()
}
