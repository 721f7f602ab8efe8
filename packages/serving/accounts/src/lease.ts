/**
 * How gateways share the limits of one key: each leases a part of what is left and spends it on its own. Pure functions; the
 * caller holds the row while they run. Knows neither databases nor requests.
 *
 * The law: what is left in the shared buckets, what all gateways hold and what is refundable are together never more than a
 * limit. So as long as gateways ask the database, they overshoot nothing, however many they are. A gateway that was killed
 * takes what it held with it until its lease expires.
 */

import type { KeyLimits } from './key-record.ts'
import {
  type Bucket,
  type BucketSize,
  bounded,
  bucketOf,
  drawn,
  filled,
  fullBucket,
  settled,
} from './token-bucket.ts'

/** Of one key, shared by all gateways. */
export interface SharedPool {
  readonly requests: Bucket
  readonly tokens: Bucket
}

/** What one gateway holds of one key. */
export interface Lease {
  /** Of the last report that was taken into account. */
  readonly report: number
  readonly requests: number
  readonly tokens: number
  /** Of requests at work at the same time. */
  readonly slots: number
  /** Tokens or millionths, of the month. */
  readonly budget: number
  readonly month: string
}

export interface Amounts {
  readonly requests: number
  readonly tokens: number
  readonly slots: number
  readonly budget: number
}

/** What a gateway says of one key. The same report may arrive again, where nobody knows whether it did. */
export interface LeaseReport {
  /** Counts up. */
  readonly number: number
  readonly month: string
  /** Held and not spent; of `slots` and `budget` what is in use. */
  readonly has: Amounts
  /** Of the budget that it leased: what it may go on using until the answer comes. Not less than that stays leased. */
  readonly keepsBudget: number
  /** All or nothing of each: of requests and tokens with what it holds, of slots and budget beyond what is in use. */
  readonly needs: Amounts
  /** Wanted beyond that, if it is there. What a gateway holds and does not ask for is taken back. */
  readonly spare: Amounts
  /** Since the last report: let in without a lease. */
  readonly overdrawn: { readonly requests: number; readonly tokens: number }
  /** Since the last report: tokens that were drawn for requests that have ended since, and what they used. */
  readonly settled: { readonly reserved: number; readonly used: number }
}

export interface LeaseAnswer {
  readonly pool: SharedPool
  readonly lease: Lease
  /** Added to what the gateway holds of each bucket; below zero where it had more than it asked for. */
  readonly granted: { readonly requests: number; readonly tokens: number }
  /** Of the month’s budget, left for anybody: not spent, not leased. */
  readonly budgetLeft: number
}

export const noLease: Lease = { report: 0, requests: 0, tokens: 0, slots: 0, budget: 0, month: '' }

export function newPool(limits: KeyLimits, now: number): SharedPool {
  return {
    requests: fullBucket(bucketOf(limits.requestsPerMinute ?? 0), now),
    tokens: fullBucket(bucketOf(limits.tokensPerMinute ?? 0), now),
  }
}

export interface Sharing {
  readonly limits: KeyLimits
  readonly pool: SharedPool
  /** Of the gateway that reports; `noLease` where it expired. */
  readonly lease: Lease
  /** Of all others, of which none expired. */
  readonly others: readonly Lease[]
  /** Of the budget, in the month of the report. */
  readonly spent: number
  /** In milliseconds, of a clock that all share. */
  readonly now: number
}

export function answerReport(report: LeaseReport, sharing: Sharing): LeaseAnswer {
  const { limits, lease, others } = sharing
  const requests = lend('requests', bucketOf(limits.requestsPerMinute ?? 0), report, sharing)
  const tokens = lend('tokens', bucketOf(limits.tokensPerMinute ?? 0), report, sharing)
  const slotsLeft = (limits.maxConcurrent ?? 0) - sum(others.map((other) => other.slots))
  const ofMonth = others.filter((other) => other.month === report.month).map((other) => other.budget)
  const budgetLeft = (limits.budget?.amount ?? 0) - sharing.spent - sum(ofMonth)
  // What others have settled may stand in the sums and still in their leases: then less seems left than there is, and what
  // this gateway uses meanwhile would be lent twice.
  const keepsBudget = lease.month === report.month ? Math.min(report.keepsBudget, lease.budget) : 0
  const budget = Math.max(
    keepsBudget,
    whole(report.has.budget, report.needs.budget, report.spare.budget, budgetLeft),
  )
  return {
    pool: { requests: requests.bucket, tokens: tokens.bucket },
    lease: {
      report: Math.max(report.number, lease.report),
      requests: requests.held,
      tokens: tokens.held,
      slots: whole(report.has.slots, report.needs.slots, report.spare.slots, slotsLeft),
      budget,
      month: report.month,
    },
    granted: {
      requests: requests.held - report.has.requests,
      tokens: tokens.held - report.has.tokens,
    },
    budgetLeft: Math.max(0, budgetLeft - budget),
  }
}

/** One bucket, after a report: what is in it, and what the gateway holds. */
function lend(
  kind: 'requests' | 'tokens',
  size: BucketSize,
  report: LeaseReport,
  { pool, lease, others, now }: Sharing,
): { bucket: Bucket; held: number } {
  const heldByOthers = sum(others.map((other) => other[kind]))
  let bucket = filled(pool[kind], size, now, size.capacity - heldByOthers - lease[kind])
  // It was taken into account, and the answer was lost.
  if (report.number <= lease.report) return { bucket, held: lease[kind] }

  const spent = Math.max(0, lease[kind] - report.has[kind])
  bucket = { ...bucket, refundable: bucket.refundable + spent }
  bucket = drawn(bucket, report.overdrawn[kind])
  if (kind === 'tokens') bucket = settled(bucket, report.settled.reserved, report.settled.used)

  const had = report.has[kind]
  const [needs, spare] = [report.needs[kind], report.spare[kind]]
  const free = bucket.level + had
  const held = Math.max(0, free < needs ? Math.min(had, spare, free) : Math.min(needs + spare, free))
  bucket = { ...bucket, level: free - held }
  return { bucket: bounded(bucket, size.capacity - heldByOthers - held), held }
}

/** What is in use stays leased, whatever the limit has become. */
function whole(has: number, needs: number, spare: number, left: number): number {
  return Math.max(has, Math.min(left, has + spare + (has + needs > left ? 0 : needs)))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
