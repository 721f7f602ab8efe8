/**
 * Opens the database of keys, limits and usage: a SQLite file, or PostgreSQL shared by several gateways. Drivers are loaded on
 * demand.
 */

import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, type Logger, messageOf } from '@hadal/base'
import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  SqliteDialect,
  sql,
  type Transaction,
} from 'kysely'
import type { Pool } from 'pg'
import { databaseUnusable, sqliteMissing } from '../errors.ts'
import { migrate, type Tables } from './schema.ts'

export interface Database {
  readonly kind: 'sqlite' | 'postgres'
  /** For reads. */
  readonly db: Kysely<Tables>
  /** A write transaction. `work` must start with a write, and may be called again on a conflict. */
  transact<T>(work: (within: Transaction<Tables>) => Promise<T>): Promise<T>
  /** The same, but durable across a power failure. */
  transactDurably<T>(work: (within: Transaction<Tables>) => Promise<T>): Promise<T>
  /** Milliseconds since 1970, by a clock shared by all users of the database. */
  now(within: Kysely<Tables> | Transaction<Tables>): Promise<number>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Path of a SQLite file, `:memory:`, or `postgres://...`. */
  readonly database: string
  readonly clock: Clock
  readonly logger: Logger
  /** The SQLite file must already exist. */
  readonly mustExist?: boolean
  /** Statement timeout. */
  readonly patienceMillis?: number
}

/** Throws `database_unusable` or `sqlite_missing`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const isPostgres = /^postgres(ql)?:\/\//.test(options.database)
  const database = isPostgres ? await openPostgres(options) : await openSqlite(options)
  try {
    await retried(() => migrate(database.db, database.kind), options.patienceMillis)
    return database
  } catch (cause) {
    await database.close().catch(() => {})
    throw unusable(options.database, cause)
  }
}

async function openSqlite({
  database: path,
  clock,
  mustExist = false,
  patienceMillis = 5000,
}: DatabaseOptions): Promise<Database> {
  const { default: Sqlite } = await import('better-sqlite3').catch((cause: unknown) => {
    throw sqliteMissing(messageOf(cause)).with({ cause })
  })
  try {
    if (path !== ':memory:' && !mustExist) {
      mkdirSync(dirname(path), { recursive: true })
      // Usage is private; SQLite gives its other files the same mode.
      closeSync(openSync(path, 'a', 0o600))
    }
    const file = new Sqlite(path, { timeout: busyMillis, fileMustExist: mustExist })
    file.pragma('journal_mode = WAL')
    // Commits survive a crash of the process; surviving a power failure must be requested, because waiting for the disk blocks
    // everything.
    file.pragma('synchronous = NORMAL')
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) })
    const transact: Database['transact'] = (work) =>
      retried(() => db.transaction().execute(work), patienceMillis)
    return {
      kind: 'sqlite',
      db,
      transact,
      async transactDurably(work) {
        await sql`pragma synchronous = full`.execute(db)
        try {
          return await transact(work)
        } finally {
          await sql`pragma synchronous = normal`.execute(db)
        }
      },
      now: async () => clock.wallClock(),
      close: () => db.destroy(),
    }
  } catch (cause) {
    throw unusable(path, cause)
  }
}

async function openPostgres({ database, logger, patienceMillis = 5000 }: DatabaseOptions): Promise<Database> {
  const { default: pg } = await import('pg')
  // Counts and times fit into a number: 2^53 is far beyond them.
  const { INT8 } = pg.types.builtins
  const types = {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
  }
  try {
    const pool = new pg.Pool({
      connectionString: database,
      max: 4,
      connectionTimeoutMillis: Math.min(patienceMillis, 2000),
      query_timeout: patienceMillis,
      statement_timeout: patienceMillis,
      lock_timeout: patienceMillis,
      // A gateway that hangs within a transaction must not block the others.
      idle_in_transaction_session_timeout: patienceMillis,
      keepAlive: true,
      application_name: 'hadal',
      types,
    })
    // The pool handles errors of idle clients only; an unhandled error of a client in use would end this process.
    pool.on('connect', (client) => client.on('error', () => {}))
    pool.on('error', (error) => logger.debug('a connection to the database broke', { error }))
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withoutBroken(pool) }) })
    return {
      kind: 'postgres',
      db,
      transact: (work) => db.transaction().execute(work),
      transactDurably: (work) => db.transaction().execute(work),
      async now(within) {
        const { rows } = await sql<{ now: number }>`select
          (extract(epoch from clock_timestamp()) * 1000)::double precision as now`.execute(within)
        return rows[0]!.now
      },
      close: () => db.destroy(),
    }
  } catch (cause) {
    throw unusable(database, cause)
  }
}

/** SQLite's wait for other writers blocks this whole process, so it is short. */
const busyMillis = 10

/** Retries while another process writes to the same file. */
async function retried<T>(work: () => Promise<T>, patienceMillis = 5000): Promise<T> {
  const deadline = performance.now() + patienceMillis
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const isBusy = String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')
      if (!isBusy || performance.now() > deadline) throw error
      await sleep(5 + Math.random() * 10)
    }
  }
}

/**
 * The same pool, but discards connections after any error that does not come from the database itself: they may never respond
 * again.
 */
function withoutBroken(pool: Pool): PostgresPool {
  return {
    async connect() {
      const client = await pool.connect()
      let isBroken = false
      return {
        async query(...given: unknown[]) {
          if (isBroken) throw new Error('the connection to the database broke')
          try {
            return await (client.query as (...given: unknown[]) => Promise<unknown>).apply(client, given)
          } catch (error) {
            isBroken ||= (error as { severity?: string }).severity === undefined
            throw error
          }
        },
        release: () => client.release(isBroken),
      } as PostgresPoolClient
    },
    end: () => pool.end(),
  }
}

const unusable = (database: string, cause: unknown) =>
  databaseUnusable(shownDatabase(database), describe(cause)).with({ cause })

/** Node's error has no message if a name has several addresses. */
function describe(cause: unknown): string {
  const said = messageOf(cause)
  if (said !== '') return said
  const { code, errors } = cause as { code?: string; errors?: unknown[] }
  return errors?.map(messageOf).join(', ') || (code ?? 'it does not answer')
}

/** Without the password. */
export function shownDatabase(database: string): string {
  return database
    .replace(/^(postgres(?:ql)?:\/\/[^:@/]*):[^@]*@/, '$1@')
    .replace(/([?&]password=)[^&]*/, '$1...')
}
