/**
 * A gateway's share of one key's limits: what it has leased, what is in use, and what to report. If the database is
 * unavailable, it continues with its lease, then with half of its proportional part of the limit. Decides and counts only; time
 * is an argument, from a monotonic clock.
 */

import type { KeyLimits } from './key-record.ts'
import type { Amounts, LeaseAnswer, LeaseReport } from './lease.ts'
import { type ByMinute, OwnShare, partAlone } from './own-share.ts'
import type { ReportNumbers } from './report-numbers.ts'
import { type Bucket, type BucketSize, bucketOf, filled, fullBucket, millisUntil } from './token-bucket.ts'

/** What a request may consume. */
export interface Need {
  readonly tokens: number
  /** In the unit of the key's budget. */
  readonly budget: number
}

export type Shortage = 'concurrency' | 'requests' | 'tokens' | 'budget'

/** How long a lease is valid; the database expires it slightly later. */
export const leaseMillis = 30_000
/** Leased in advance: this part of a limit. None of a small limit, because other gateways would lack it. */
const spareOf = (limit: number | undefined): number => Math.floor((limit ?? 0) / 20)
/** How long a shortage reported by the database is believed without asking again. */
const shortageMillis = { concurrency: 50, requests: 1000, tokens: 1000, budget: 1000 } as const
const noAmounts: Amounts = { requests: 0, tokens: 0, slots: 0, budget: 0 }

export class KeyShare {
  #limits: KeyLimits
  #held = { requests: 0, tokens: 0 }
  #slots = 0
  #budget = 0
  #leasedUntil = Number.NEGATIVE_INFINITY
  /** Running requests and their reserved budget; usage that is settled but not in the database. */
  #working = 0
  #reserved = 0
  #unflushed = 0
  /** Since the last report, which counted it as leased. */
  #flushedSince = 0
  #month = ''
  #overdrawn = { requests: 0, tokens: 0 }
  #settled = { reserved: 0, used: 0 }
  /** Sent, and not known to be applied. */
  #doubtful: LeaseReport | undefined
  /** The shared remainder as last reported by the database. */
  #left: { at: number; requests: Bucket; tokens: Bucket; budget: number } | undefined
  #shortAt: Partial<Record<Shortage, number>> = {}
  readonly #own: OwnShare
  readonly #numbers: ReportNumbers
  /** Time of the last request. */
  #requestedAt = Number.NEGATIVE_INFINITY

  /** `startedAt`: start of this process. */
  constructor(limits: KeyLimits, startedAt: number, numbers: ReportNumbers) {
    this.#limits = limits
    this.#own = new OwnShare(startedAt)
    this.#numbers = numbers
  }

  set limits(limits: KeyLimits) {
    this.#limits = limits
  }

  /** Admits a request, or returns what it is short of. */
  take(need: Need, now: number, month: string): Shortage | undefined {
    this.#lapse(now, month)
    this.#requestedAt = now
    const { requestsPerMinute, tokensPerMinute, maxConcurrent, budget } = this.#limits
    if (maxConcurrent !== undefined && this.#working >= this.#slots) return 'concurrency'
    if (requestsPerMinute !== undefined && this.#held.requests < 1) return 'requests'
    if (tokensPerMinute !== undefined && this.#held.tokens < need.tokens) return 'tokens'
    if (budget !== undefined && this.#committed + need.budget > this.#budget) return 'budget'
    if (requestsPerMinute !== undefined) this.#held.requests -= 1
    if (tokensPerMinute !== undefined) this.#held.tokens -= need.tokens
    this.#begin(need)
    return undefined
  }

  /** The same without the database, as one of this many gateways. */
  takeAlone(need: Need, now: number, month: string, gateways: number): Shortage | undefined {
    this.#lapse(now, month)
    const { requestsPerMinute, tokensPerMinute, maxConcurrent, budget } = this.#limits
    const part = partAlone(gateways)
    const slots = this.#slots > 0 ? this.#slots : Math.max(1, Math.floor((maxConcurrent ?? 0) * part))
    if (maxConcurrent !== undefined && this.#working >= slots) return 'concurrency'
    const isOwn = {
      requests: requestsPerMinute !== undefined && this.#held.requests < 1,
      tokens: tokensPerMinute !== undefined && this.#held.tokens < need.tokens,
    }
    const left = (kind: ByMinute): number => this.#own.left(kind, this.#limits, gateways, now)
    if (isOwn.requests && left('requests') < 1) return 'requests'
    if (isOwn.tokens && left('tokens') < need.tokens) return 'tokens'
    const allowed = this.#budget + (this.#left?.budget ?? 0) * part
    if (budget !== undefined && this.#committed + need.budget > allowed) return 'budget'
    const draw = (kind: ByMinute, limit: number | undefined, amount: number): void => {
      if (limit === undefined) return
      if (!isOwn[kind]) this.#held[kind] -= amount
      else {
        this.#own.draw(kind, amount)
        this.#overdrawn[kind] += amount
      }
    }
    draw('requests', requestsPerMinute, 1)
    draw('tokens', tokensPerMinute, need.tokens)
    this.#begin(need)
    return undefined
  }

  #begin(need: Need): void {
    this.#working += 1
    this.#reserved += need.budget
  }

  /** Records the actual usage of a running request; unsettled requests used nothing. */
  settle(need: Need, used: Need, month: string): void {
    this.#turn(month)
    this.#reserved -= need.budget
    this.#unflushed += used.budget
    if (this.#limits.tokensPerMinute === undefined) return
    this.#settled.reserved += need.tokens
    this.#settled.used += used.tokens
  }

  /** A settled request has ended. */
  end(): void {
    this.#working -= 1
  }

  /** Usage of this month is now in the database. */
  flushed(budget: number, month: string): void {
    if (month !== this.#month) return
    this.#unflushed = Math.max(0, this.#unflushed - budget)
    // It counts as spent, and is no longer leased.
    this.#budget = Math.max(0, this.#budget - budget)
    this.#flushedSince += budget
  }

  /** The database recently reported this shortage. */
  isStillShort(shortage: Shortage, need: Need, now: number): boolean {
    const at = this.#shortAt[shortage]
    if (at === undefined || now - at >= shortageMillis[shortage]) return false
    if (shortage === 'requests' || shortage === 'tokens') return this.millisUntil(shortage, need, now) > 0
    return shortage === 'concurrency' || need.budget > this.budgetLeft
  }

  noteShortage(shortage: Shortage, now: number): void {
    this.#shortAt[shortage] = now
  }

  /** Time until a request can be admitted, from the shared bucket and the local holdings. */
  millisUntil(kind: ByMinute, need: Need, now: number): number {
    const size = this.#size(kind)
    if (this.#left === undefined) return 1000
    return millisUntil(this.#now(kind, now), size, kind === 'requests' ? 1 : need.tokens)
  }

  /** The same from the share for an unavailable database. */
  millisUntilAlone(kind: ByMinute, need: Need, gateways: number): number {
    return this.#own.millisUntil(kind, kind === 'requests' ? 1 : need.tokens, this.#limits, gateways)
  }

  /** What a request could draw now, and when the bucket will be full. */
  state(kind: ByMinute, now: number): { left: number; fullInMillis: number } {
    const size = this.#size(kind)
    const bucket = this.#now(kind, now)
    return { left: Math.max(0, bucket.level), fullInMillis: millisUntil(bucket, size, size.capacity) }
  }

  /** The database has replied at least once. */
  get isKnown(): boolean {
    return this.#left !== undefined
  }

  /** Remaining monthly budget, as far as known here. */
  get budgetLeft(): number {
    return Math.max(0, this.#budget - this.#committed + (this.#left?.budget ?? 0))
  }

  /** Time to lease more, before requests have to wait for it. */
  get isLow(): boolean {
    const { requestsPerMinute, tokensPerMinute } = this.#limits
    return (
      this.#held.requests < spareOf(requestsPerMinute) / 2 || this.#held.tokens < spareOf(tokensPerMinute) / 2
    )
  }

  /** Whether leased concurrency slots could be returned for other gateways. */
  get hasPlacesToReturn(): boolean {
    return this.#slots > this.#working + spareOf(this.#limits.maxConcurrent)
  }

  /** Whether anything is leased. */
  get isHolding(): boolean {
    return this.#held.requests !== 0 || this.#held.tokens !== 0 || this.#slots > 0 || this.#budget > 0
  }

  /** Whether there is something to report or return, or a lease to renew. */
  hasNews(now: number): boolean {
    const { requests, tokens } = this.#held
    const budgetOver = this.#budget - this.#committed
    if (this.#slots > 0 && this.hasPlacesToReturn) return true
    if (budgetOver > 3 * spareOf(this.#limits.budget?.amount)) return true
    const isTooMuch = requests > 0 || tokens > 0 || this.#slots > this.#working || budgetOver > 0
    const news = this.#overdrawn.requests + this.#overdrawn.tokens + this.#settled.reserved
    const isDue = this.isHolding && ((isTooMuch && this.#isIdle(now)) || this.#isOld(now))
    return news > 0 || this.#doubtful !== undefined || isDue
  }

  /** Whether its state can be dropped. */
  isForgettable(now: number): boolean {
    return (
      this.#working === 0 && !this.isHolding && !this.hasNews(now) && now - this.#requestedAt > 10 * 60_000
    )
  }

  /** Creates the next report. Call `apply` with the reply; without a reply the report is sent again. */
  report(need: Need | undefined, now: number, month: string, isClosing = false): LeaseReport {
    this.#lapse(now, month)
    if (this.#doubtful !== undefined) return this.#doubtful
    const { requestsPerMinute, tokensPerMinute, maxConcurrent, budget } = this.#limits
    const isIdle = isClosing || (need === undefined && this.#isIdle(now))
    const spare = (limit: number | undefined): number => (isIdle ? 0 : spareOf(limit))
    const ifLimited = (limit: unknown, amount: number): number => (limit === undefined ? 0 : amount)
    this.#flushedSince = 0
    // What the reply may revoke cannot be used until it arrives.
    this.#slots = Math.min(this.#slots, ifLimited(maxConcurrent, this.#working) + spare(maxConcurrent))
    this.#budget = Math.min(this.#budget, ifLimited(budget, this.#committed) + spare(budget?.amount))
    this.#doubtful = {
      number: this.#numbers.next(),
      month,
      has: {
        ...this.#held,
        slots: ifLimited(maxConcurrent, this.#working),
        budget: ifLimited(budget, this.#committed),
      },
      keepsBudget: this.#budget,
      needs:
        need === undefined
          ? noAmounts
          : {
              requests: ifLimited(requestsPerMinute, 1),
              tokens: ifLimited(tokensPerMinute, need.tokens),
              slots: ifLimited(maxConcurrent, 1),
              budget: ifLimited(budget, need.budget),
            },
      spare: {
        requests: spare(requestsPerMinute),
        tokens: spare(tokensPerMinute),
        slots: spare(maxConcurrent),
        budget: spare(budget?.amount),
      },
      overdrawn: this.#overdrawn,
      settled: this.#settled,
    }
    this.#overdrawn = { requests: 0, tokens: 0 }
    this.#settled = { reserved: 0, used: 0 }
    return this.#doubtful
  }

  /** `requested`: when the report was sent; leases run from then. */
  apply({ pool, lease, granted, budgetLeft }: LeaseAnswer, requested: number, now: number): void {
    this.#doubtful = undefined
    this.#numbers.skipTo(lease.report)
    // Negative if spent while being revoked: the next report includes that.
    this.#held.requests += granted.requests
    this.#held.tokens += granted.tokens
    this.#slots = lease.slots
    this.#budget = lease.month === this.#month ? Math.max(0, lease.budget - this.#flushedSince) : 0
    this.#leasedUntil = requested + leaseMillis
    this.#shortAt = {}
    this.#left = {
      at: now,
      requests: { ...pool.requests, at: now },
      tokens: { ...pool.tokens, at: now },
      budget: budgetLeft,
    }
  }

  get #committed(): number {
    return this.#reserved + this.#unflushed
  }

  #isIdle(now: number): boolean {
    return now - this.#requestedAt > 2000
  }

  #isOld(now: number): boolean {
    return this.#leasedUntil - now < leaseMillis / 2
  }

  #turn(month: string): void {
    if (month <= this.#month) return
    this.#month = month
    this.#budget = 0
    this.#unflushed = 0
  }

  #lapse(now: number, month: string): void {
    this.#turn(month)
    if (now < this.#leasedUntil) return
    this.#held = { requests: Math.min(0, this.#held.requests), tokens: Math.min(0, this.#held.tokens) }
    this.#slots = 0
    this.#budget = 0
  }

  #size(kind: ByMinute): BucketSize {
    return bucketOf(
      (kind === 'requests' ? this.#limits.requestsPerMinute : this.#limits.tokensPerMinute) ?? 0,
    )
  }

  /** The shared bucket and the local holdings combined. */
  #now(kind: ByMinute, now: number): Bucket {
    const size = this.#size(kind)
    const left = this.#left?.[kind] ?? fullBucket(size, now)
    const held = this.#held[kind]
    const bucket = filled(left, size, now, size.capacity - held)
    return { ...bucket, level: bucket.level + held }
  }
}
