/** Applies the lease reports of a gateway, one key at a time, and replies. The decisions are in `lease.ts`. */

import type { Selectable, Transaction } from 'kysely'
import type { KeyLimits } from '../key-record.ts'
import { answerReport, type Lease, type LeaseAnswer, type LeaseReport, newPool, noLease } from '../lease.ts'
import { type Bucket, mistrustedMillis } from '../token-bucket.ts'
import type { Database } from './open-database.ts'
import type { Tables } from './schema.ts'

/** Longer than the gateway's own lease time, to allow for late reports. */
const expiryMillis = 35_000

/** One transaction. Gateways that share a key are serialised. */
export async function reportLease(
  database: Database,
  gateway: string,
  key: string,
  limits: KeyLimits,
  report: LeaseReport,
): Promise<LeaseAnswer> {
  return await database.transact(async (trx) => {
    const { pool, now } = await lockPool(database, trx, key, limits)
    const leases = await trx.selectFrom('hadal_leases').selectAll().where('key_id', '=', key).execute()
    const own = leases.find((lease) => lease.gateway_id === gateway)
    const isLive = (lease: { expires_at: number }): boolean => lease.expires_at > now
    const answer = answerReport(report, {
      limits,
      pool,
      lease: own === undefined ? noLease : isLive(own) ? leaseOf(own) : { ...noLease, report: own.report },
      others: leases.filter((lease) => lease.gateway_id !== gateway && isLive(lease)).map(leaseOf),
      spent: limits.budget === undefined ? 0 : await spent(trx, key, report.month, limits.budget.unit),
      now,
    })
    await trx.updateTable('hadal_pools').set(poolRow(answer.pool)).where('key_id', '=', key).execute()
    const row = { ...answer.lease, expires_at: now + expiryMillis }
    await trx
      .insertInto('hadal_leases')
      .values({ key_id: key, gateway_id: gateway, ...row })
      .onConflict((conflict) => conflict.columns(['key_id', 'gateway_id']).doUpdateSet(row))
      .execute()
    return answer
  })
}

/** For a gateway that starts or stops. */
export async function dropLeases({ transact }: Database, gateway: string): Promise<void> {
  await transact((trx) => trx.deleteFrom('hadal_leases').where('gateway_id', '=', gateway).execute())
}

/** Registers a gateway as alive, and counts the live ones. */
export async function countGateways(database: Database, gateway: string): Promise<number> {
  const seen_at = await database.now(database.db)
  const { latest } = await database.db
    .selectFrom('hadal_gateways')
    .select((row) => row.fn.max('seen_at').as('latest'))
    .executeTakeFirstOrThrow()
  if (latest !== null && latest > seen_at + mistrustedMillis) await setBack(database, seen_at)
  await database.transact((trx) =>
    trx
      .insertInto('hadal_gateways')
      .values({ id: gateway, seen_at })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at }))
      .execute(),
  )
  const { count } = await database.db
    .selectFrom('hadal_gateways')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('seen_at', '>', seen_at - expiryMillis)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/**
 * The database's clock went back to `now`. Leases of killed gateways must not last until it has caught up, and buckets must not
 * wait for that.
 */
async function setBack({ transact }: Database, now: number): Promise<void> {
  const expires_at = now + expiryMillis
  await transact(async (trx) => {
    await trx.updateTable('hadal_leases').set({ expires_at }).where('expires_at', '>', expires_at).execute()
    await trx.updateTable('hadal_gateways').set({ seen_at: now }).where('seen_at', '>', now).execute()
    await trx.updateTable('hadal_pools').set({ requests_at: now }).where('requests_at', '>', now).execute()
    await trx.updateTable('hadal_pools').set({ tokens_at: now }).where('tokens_at', '>', now).execute()
  })
}

/** Deletes gateways and leases that have been inactive for a day. */
export async function forgetOldLeases(database: Database): Promise<void> {
  const before = (await database.now(database.db)) - 86_400_000
  await database.transact(async (trx) => {
    await trx.deleteFrom('hadal_leases').where('expires_at', '<', before).execute()
    await trx.deleteFrom('hadal_gateways').where('seen_at', '<', before).execute()
  })
}

export async function forgetGateway({ transact }: Database, gateway: string): Promise<void> {
  await transact((trx) => trx.deleteFrom('hadal_gateways').where('id', '=', gateway).execute())
}

async function lockPool(database: Database, trx: Transaction<Tables>, key: string, limits: KeyLimits) {
  // In SQLite, writing acquires the lock, so it comes first. A bucket last refilled at time 0 is full.
  await trx
    .insertInto('hadal_pools')
    .values({ key_id: key, ...poolRow(newPool(limits, 0)) })
    .onConflict((conflict) => conflict.column('key_id').doNothing())
    .execute()
  const query = trx.selectFrom('hadal_pools').selectAll().where('key_id', '=', key)
  const row = await (database.kind === 'postgres' ? query.forUpdate() : query).executeTakeFirstOrThrow()
  return {
    // Read only now: before acquiring the lock, another transaction may have used a later time.
    now: await database.now(trx),
    pool: {
      requests: { level: row.requests_level, refundable: 0, at: row.requests_at },
      tokens: { level: row.tokens_level, refundable: row.tokens_refundable, at: row.tokens_at },
    },
  }
}

const poolRow = ({ requests, tokens }: { requests: Bucket; tokens: Bucket }) => ({
  requests_level: requests.level,
  requests_at: requests.at,
  tokens_level: tokens.level,
  tokens_refundable: tokens.refundable,
  tokens_at: tokens.at,
})

const leaseOf = ({
  report,
  requests,
  tokens,
  slots,
  budget,
  month,
}: Selectable<Tables['hadal_leases']>): Lease => ({
  report,
  requests,
  tokens,
  slots,
  budget,
  month,
})

async function spent(
  trx: Transaction<Tables>,
  key: string,
  month: string,
  unit: 'tokens' | 'micros',
): Promise<number> {
  const { tokens, cost } = await trx
    .selectFrom('hadal_usage')
    .select(({ fn }) => [
      fn.sum<number | null>('prompt_tokens').as('prompt'),
      fn.sum<number | null>('completion_tokens').as('completion'),
      fn.sum<number | null>('cost_micros').as('cost'),
    ])
    .where('key_id', '=', key)
    .where('day', '>=', `${month}-01`)
    .where('day', '<=', `${month}-31`)
    .executeTakeFirstOrThrow()
    .then(({ prompt, completion, cost }) => ({
      tokens: Number(prompt ?? 0) + Number(completion ?? 0),
      cost: Number(cost ?? 0),
    }))
  return unit === 'tokens' ? tokens : cost
}
