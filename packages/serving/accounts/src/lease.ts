/**
 * How gateways share the limits of one key: each leases a part of the remainder and spends it independently. Pure functions;
 * the caller holds the row lock.
 *
 * Invariant: the shared remainder, all holdings and refundable amounts together never exceed the limit. So while gateways can
 * reach the database, they never overshoot, whatever their number. A killed gateway's holdings are unavailable until its lease
 * expires.
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

/** Per key, shared by all gateways. */
export interface SharedPool {
  readonly requests: Bucket
  readonly tokens: Bucket
}

/** What one gateway holds of one key. */
export interface Lease {
  /** Number of the last applied report. */
  readonly report: number
  readonly requests: number
  readonly tokens: number
  /** Concurrency slots. */
  readonly slots: number
  /** Tokens or millionths, for the month. */
  readonly budget: number
  readonly month: string
}

export interface Amounts {
  readonly requests: number
  readonly tokens: number
  readonly slots: number
  readonly budget: number
}

/** A gateway's report about one key. It may arrive twice, if the reply was lost. */
export interface LeaseReport {
  /** Sequence number. */
  readonly number: number
  readonly month: string
  /** Unspent holdings; for `slots` and `budget`, the amount in use. */
  readonly has: Amounts
  /** Part of the leased budget that the gateway may use until the reply. At least this much stays leased. */
  readonly keepsBudget: number
  /** All-or-nothing needs: for requests and tokens including holdings, for slots and budget beyond the amount in use. */
  readonly needs: Amounts
  /** Additional amounts wanted if available. Holdings beyond that are revoked. */
  readonly spare: Amounts
  /** Admitted without a lease since the last report. */
  readonly overdrawn: { readonly requests: number; readonly tokens: number }
  /** Tokens drawn for requests that ended since the last report, and their actual usage. */
  readonly settled: { readonly reserved: number; readonly used: number }
}

export interface LeaseAnswer {
  readonly pool: SharedPool
  readonly lease: Lease
  /** Change of the holdings; negative if they exceeded the request. */
  readonly granted: { readonly requests: number; readonly tokens: number }
  /** Remaining monthly budget: neither spent nor leased. */
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
  /** The reporting gateway's; `noLease` if it expired. */
  readonly lease: Lease
  /** Unexpired leases of all other gateways. */
  readonly others: readonly Lease[]
  /** Budget spent in the month of the report. */
  readonly spent: number
  /** Milliseconds of a shared clock. */
  readonly now: number
}

export function answerReport(report: LeaseReport, sharing: Sharing): LeaseAnswer {
  const { limits, lease, others } = sharing
  const requests = lend('requests', bucketOf(limits.requestsPerMinute ?? 0), report, sharing)
  const tokens = lend('tokens', bucketOf(limits.tokensPerMinute ?? 0), report, sharing)
  const slotsLeft = (limits.maxConcurrent ?? 0) - sum(others.map((other) => other.slots))
  const ofMonth = others.filter((other) => other.month === report.month).map((other) => other.budget)
  const budgetLeft = (limits.budget?.amount ?? 0) - sharing.spent - sum(ofMonth)
  // Usage settled by others may be both in the sums and in their leases: the remainder then seems smaller, and what this
  // gateway uses meanwhile would be leased twice.
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

/** A bucket after a report: its level, and the gateway's holdings. */
function lend(
  kind: 'requests' | 'tokens',
  size: BucketSize,
  report: LeaseReport,
  { pool, lease, others, now }: Sharing,
): { bucket: Bucket; held: number } {
  const heldByOthers = sum(others.map((other) => other[kind]))
  let bucket = filled(pool[kind], size, now, size.capacity - heldByOthers - lease[kind])
  // The report was already applied, and its reply lost.
  if (report.number <= lease.report) return { bucket, held: lease[kind] }

  const spent = Math.max(0, lease[kind] - report.has[kind])
  bucket = { ...bucket, refundable: bucket.refundable + spent }
  bucket = drawn(bucket, report.overdrawn[kind])
  if (kind === 'tokens') bucket = settled(bucket, report.settled.reserved, report.settled.used)

  // The clock may have gone forward, and expired a lease that the gateway still holds: that is back in the bucket.
  const had = Math.min(report.has[kind], lease[kind])
  const [needs, spare] = [report.needs[kind], report.spare[kind]]
  const free = bucket.level + had
  const held = Math.max(0, free < needs ? Math.min(had, spare, free) : Math.min(needs + spare, free))
  bucket = { ...bucket, level: free - held }
  return { bucket: bounded(bucket, size.capacity - heldByOthers - held), held }
}

/** Capacity in use stays leased, even if the limit was lowered. */
function whole(has: number, needs: number, spare: number, left: number): number {
  return Math.max(has, Math.min(left, has + spare + (has + needs > left ? 0 : needs)))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
