/** Usage in the database: written in batches, idempotent per request, and read as sums. */

import type { UsageEvent } from '../usage-event.ts'
import { dayOf } from '../usage-event.ts'
import type { Database } from './open-database.ts'
import type { UsageTable } from './schema.ts'

/** One transaction for all; returns the number of new events. */
export async function writeUsage(
  { transactDurably }: Database,
  events: readonly UsageEvent[],
): Promise<number> {
  // Duplicates within a batch also count once.
  const byId = new Map(events.map((event) => [event.id, storable(event)]))
  if (byId.size === 0) return 0
  return await transactDurably(async (trx) => {
    const written = await trx
      .insertInto('hadal_usage_events')
      .values(
        [...byId.values()].map((event) => ({
          id: event.id,
          request_id: event.request,
          key_id: event.key,
          model: event.model,
          at: event.at,
          prompt_tokens: event.promptTokens,
          cached_tokens: event.cachedTokens,
          completion_tokens: event.completionTokens,
          cost_micros: event.costMicros,
        })),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute()
    const sums = sumsOf(written.map(({ id }) => byId.get(id)!))
    if (sums.length > 0)
      await trx
        .insertInto('hadal_usage')
        .values(sums)
        .onConflict((conflict) =>
          conflict.columns(['key_id', 'day', 'model']).doUpdateSet((row) => ({
            requests: row('hadal_usage.requests', '+', row.ref('excluded.requests')),
            prompt_tokens: row('hadal_usage.prompt_tokens', '+', row.ref('excluded.prompt_tokens')),
            cached_tokens: row('hadal_usage.cached_tokens', '+', row.ref('excluded.cached_tokens')),
            completion_tokens: row(
              'hadal_usage.completion_tokens',
              '+',
              row.ref('excluded.completion_tokens'),
            ),
            cost_micros: row('hadal_usage.cost_micros', '+', row.ref('excluded.cost_micros')),
          })),
        )
        .execute()
    return written.length
  })
}

/** PostgreSQL accepts every character except NUL. */
function storable(event: UsageEvent): UsageEvent {
  const { request, model } = event
  return { ...event, request: request.replaceAll('\0', ''), model: model.replaceAll('\0', '') }
}

/** A fixed order, so that gateways writing the same rows cannot deadlock. */
function sumsOf(events: readonly UsageEvent[]): UsageTable[] {
  const sums = new Map<string, UsageTable>()
  for (const event of events) {
    const day = dayOf(event.at)
    const at = JSON.stringify([event.key, day, event.model])
    const before = sums.get(at)
    sums.set(at, {
      key_id: event.key,
      day,
      model: event.model,
      requests: (before?.requests ?? 0) + 1,
      prompt_tokens: (before?.prompt_tokens ?? 0) + event.promptTokens,
      cached_tokens: (before?.cached_tokens ?? 0) + event.cachedTokens,
      completion_tokens: (before?.completion_tokens ?? 0) + event.completionTokens,
      cost_micros: (before?.cost_micros ?? 0) + event.costMicros,
    })
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

/** How long a request id is kept, and so the maximum age of a journal. The sums are permanent. */
const rememberedMillis = 40 * 86_400_000

export async function forgetOldEvents({ transact }: Database, now: number): Promise<void> {
  const before = Math.floor(now) - rememberedMillis
  await transact((trx) => trx.deleteFrom('hadal_usage_events').where('at', '<', before).execute())
}

export interface UsageQuery {
  readonly by: 'key' | 'model' | 'day'
  /** `2026-11`. */
  readonly month: string
  /** Restricts to one key. */
  readonly key?: string | undefined
}

export interface UsageSum {
  /** The id of a key, a model or a day. */
  readonly of: string
  readonly requests: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly costMicros: number
}

export async function sumUsage({ db }: Database, { by, month, key }: UsageQuery): Promise<UsageSum[]> {
  const column = by === 'key' ? 'key_id' : by
  const all = db.selectFrom('hadal_usage').where('day', '>=', `${month}-01`).where('day', '<=', `${month}-31`)
  const rows = await (key === undefined ? all : all.where('key_id', '=', key))
    .groupBy(column)
    .orderBy(column)
    .select(({ fn }) => [
      column,
      fn.sum('requests').as('requests'),
      fn.sum('prompt_tokens').as('promptTokens'),
      fn.sum('cached_tokens').as('cachedTokens'),
      fn.sum('completion_tokens').as('completionTokens'),
      fn.sum('cost_micros').as('costMicros'),
    ])
    .execute()
  return rows.map((row) => ({
    of: String((row as Record<string, unknown>)[column]),
    requests: Number(row.requests),
    promptTokens: Number(row.promptTokens),
    cachedTokens: Number(row.cachedTokens),
    completionTokens: Number(row.completionTokens),
    costMicros: Number(row.costMicros),
  }))
}
