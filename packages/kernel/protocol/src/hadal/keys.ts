/**
 * Keys of a service's database and their usage: GET and POST /hadal/keys, PATCH and DELETE /hadal/keys/:id, GET /hadal/usage.
 */

import { z } from 'zod'

export interface KeyBudget {
  readonly unit: 'tokens' | 'micros'
  /** Per calendar month (UTC); money in millionths. */
  readonly amount: number
}

/** Absent or null: unlimited; in a change, absent fields stay unchanged. */
export interface KeyLimitFields {
  readonly requestsPerMinute?: number | null | undefined
  readonly tokensPerMinute?: number | null | undefined
  readonly maxConcurrent?: number | null | undefined
  readonly budget?: KeyBudget | null | undefined
  /** Model names, and patterns with `*`. */
  readonly models?: readonly string[] | null | undefined
  readonly priority?: number | null | undefined
  readonly weight?: number | null | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | null | undefined
}

export interface KeyCreate extends KeyLimitFields {
  readonly name: string
}

const number = z.number().nullish()
/** No control characters, because it appears in lists and logs; PostgreSQL also rejects NUL. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must hold no control characters')
const limits = {
  requestsPerMinute: number,
  tokensPerMinute: number,
  maxConcurrent: number,
  budget: z.object({ unit: z.enum(['tokens', 'micros']), amount: z.number() }).nullish(),
  models: z.array(line).min(1).max(100).nullish(),
  priority: number,
  weight: number,
  expiresAt: z.number().int().min(0).max(8.64e15).nullish(),
}

/**
 * The body that creates a key.
 *
 * @example
 * ```ts
 * import { keyCreateSchema, parse } from '@hadal/protocol'
 *
 * parse(keyCreateSchema, { name: 'team-a' }).ok // → true
 * ```
 */
export const keyCreateSchema: z.ZodType<KeyCreate> = z.object({
  name: line,
  ...limits,
})

/**
 * The changeable fields of a key.
 *
 * @example
 * ```ts
 * import { keyChangeSchema, parse } from '@hadal/protocol'
 *
 * parse(keyChangeSchema, { requestsPerMinute: 60 }).ok // → true
 * ```
 */
export const keyChangeSchema: z.ZodType<KeyLimitFields> = z.object(limits)

/** A stored key: the secret itself is not stored. */
export interface ServiceKey extends KeyLimitFields {
  readonly id: string
  readonly name: string
  /** The visible prefix: `hdl_ab12cd...`. */
  readonly prefix: string
  readonly createdAt: number
  readonly revokedAt?: number | undefined
}

export interface ServiceKeyWithUsage extends ServiceKey {
  /** In this month (UTC). */
  readonly used: { readonly requests: number; readonly tokens: number; readonly costMicros: number }
}

/**
 * The response of `GET /hadal/keys`.
 *
 * @example
 * ```ts
 * import type { KeyList } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/keys', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as KeyList
 * ```
 */
export interface KeyList {
  readonly keys: readonly ServiceKeyWithUsage[]
  readonly currency: string
  /** The month of `used`: `2026-11`, in UTC. */
  readonly month: string
  /** The server's time in milliseconds since 1970: compare `expiresAt` with it. */
  readonly now: number
}

/**
 * The response of `POST /hadal/keys`.
 *
 * @example
 * ```ts
 * import type { MadeKey } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/keys', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 *   body: JSON.stringify({ name: 'team-a' }),
 * })
 * const answer = (await response.json()) as MadeKey
 * ```
 */
export interface MadeKey {
  readonly key: ServiceKey
  /** Shown only once. */
  readonly secret: string
}

/**
 * The groupings of usage.
 *
 * @example
 * ```ts
 * import { usageGroups } from '@hadal/protocol'
 *
 * usageGroups // → [ 'key', 'model', 'day', 'month' ]
 * ```
 */
export const usageGroups = ['key', 'model', 'day', 'month'] as const
export type UsageGroup = (typeof usageGroups)[number]

export interface UsageRow {
  /** The id of a key, a model, a day or a month. */
  readonly of: string
  /** For a key. */
  readonly name?: string | undefined
  readonly requests: number
  readonly promptTokens: number
  /** Cached prompt tokens. */
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly costMicros: number
}

/**
 * The response of `GET /hadal/usage`.
 *
 * @example
 * ```ts
 * import type { UsageReport } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/usage?by=model', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as UsageReport
 * ```
 */
export interface UsageReport {
  readonly by: UsageGroup
  /** For groups by month: the last of twelve. */
  readonly month: string
  readonly currency: string
  readonly usage: readonly UsageRow[]
}
