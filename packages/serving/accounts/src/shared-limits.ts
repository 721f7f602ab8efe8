/**
 * The limits of all active keys: admits requests within leases, leases more, reports usage, and rejects. `KeyShare` and
 * `lease.ts` decide; this file coordinates concurrent requests. The database is a function argument.
 */

import type { Clock, HadalError } from '@hadal/base'
import {
  accountsUnavailable,
  budgetExhausted,
  concurrencyLimited,
  rateLimited,
  shownTokens,
  tokenLimitExceeded,
} from './errors.ts'
import type { Budget, KeyLimits, KeyRecord } from './key-record.ts'
import { KeyShare, type Need, type Shortage } from './key-share.ts'
import type { LeaseAnswer, LeaseReport } from './lease.ts'
import { rateHeaders } from './rate-headers.ts'
import { ReportNumbers } from './report-numbers.ts'
import { monthOf, nextMonth } from './usage-event.ts'

export interface SharedLimitsOptions {
  readonly report: (key: string, limits: KeyLimits, report: LeaseReport) => Promise<LeaseAnswer>
  readonly isUp: () => boolean
  /** Gateways that share the limits, including this one, as far as known. */
  readonly gateways: () => number
  readonly clock: Clock
}

interface Entry {
  record: KeyRecord
  readonly share: KeyShare
  /** Serialises database access per key. */
  turn: Promise<unknown>
  isLeasing: boolean
}

const returnMillis = 15

/** An admitted request. */
export interface Place {
  readonly headers: Readonly<Record<string, string>>
  /** Call once, before it ends. */
  settle(used: Need): void
  /** Call once. Without `settle`, nothing counts as used. */
  end(): void
}

export class SharedLimits {
  readonly #options: SharedLimitsOptions
  readonly #startedAt: number
  readonly #numbers = new ReportNumbers()
  readonly #entries = new Map<string, Entry>()

  constructor(options: SharedLimitsOptions) {
    this.#options = options
    this.#startedAt = options.clock.now()
  }

  /** Throws `token_limit_exceeded`, `rate_limited`, `concurrency_limited`, `budget_exhausted` or `accounts_unavailable`. */
  async take(record: KeyRecord, need: Need): Promise<Place> {
    const { tokensPerMinute } = record
    if (tokensPerMinute !== undefined && need.tokens > tokensPerMinute)
      throw tokenLimitExceeded(tokensPerMinute, need.tokens)
    const entry = this.#entryOf(record)
    const { share } = entry
    let shortage = share.take(need, this.#now, this.#month)
    if (shortage !== undefined && !share.isStillShort(shortage, need, this.#now)) {
      if (this.#options.isUp()) shortage = await this.#inTurn(entry, () => this.#takeLeasing(entry, need))
    }
    const isAlone = shortage !== undefined && !this.#options.isUp()
    if (isAlone) shortage = share.takeAlone(need, this.#now, this.#month, this.#options.gateways())
    if (shortage !== undefined) throw this.#refusal(entry, need, shortage, isAlone)
    if (share.isLow && this.#options.isUp()) this.#leaseAhead(entry)
    let isSettled = false
    const settle = (used: Need): void => {
      isSettled = true
      share.settle(need, used, this.#month)
    }
    return {
      headers: rateHeaders(record, (kind) => share.state(kind, this.#now)),
      settle,
      end: () => {
        if (!isSettled) settle({ tokens: 0, budget: 0 })
        share.end()
        this.#returnPlaces(entry)
      },
    }
  }

  /** Usage was written to the database. */
  flushed(key: string, used: (budget: Budget) => number, month: string): void {
    const entry = this.#entries.get(key)
    if (entry?.record.budget !== undefined) entry.share.flushed(used(entry.record.budget), month)
  }

  /** Sends all due reports. Rejects if the database does not respond. */
  async reportAll(isClosing = false): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (entry.share.hasNews(this.#now) || (isClosing && entry.share.isHolding))
        await this.#inTurn(entry, () => this.#exchange(entry, undefined, isClosing))
      else if (entry.share.isForgettable(this.#now)) this.#entries.delete(key)
    }
  }

  get #now(): number {
    return this.#options.clock.now()
  }

  get #month(): string {
    return monthOf(this.#options.clock.wallClock())
  }

  #entryOf(record: KeyRecord): Entry {
    const known = this.#entries.get(record.id)
    if (known !== undefined) {
      if (known.record !== record) known.share.limits = known.record = record
      return known
    }
    const entry = {
      record,
      share: new KeyShare(record, this.#startedAt, this.#numbers),
      turn: Promise.resolve(),
      isLeasing: false,
    }
    this.#entries.set(record.id, entry)
    return entry
  }

  async #inTurn<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
    const mine = entry.turn.then(work)
    entry.turn = mine.catch(() => {})
    return await mine
  }

  async #takeLeasing(entry: Entry, need: Need): Promise<Shortage | undefined> {
    const { share } = entry
    let shortage = share.take(need, this.#now, this.#month)
    // Twice, because the first report may have been a retry of a lost one.
    for (let left = 2; left > 0 && shortage !== undefined; left -= 1) {
      if (!this.#options.isUp() || share.isStillShort(shortage, need, this.#now)) return shortage
      try {
        shortage = await this.#exchange(entry, need)
        if (shortage === 'concurrency') shortage = await this.#takeReturned(entry, need)
      } catch {
        return shortage
      }
    }
    return shortage
  }

  /** Another gateway may be about to return a slot whose client already has its response and sends its next request here. */
  async #takeReturned(entry: Entry, need: Need): Promise<Shortage | undefined> {
    let shortage: Shortage | undefined = 'concurrency'
    for (let left = 3; left > 0 && shortage === 'concurrency' && this.#options.gateways() > 1; left -= 1) {
      await this.#options.clock.sleep(returnMillis)
      shortage = await this.#exchange(entry, need)
    }
    return shortage
  }

  /** Reports, and admits `need` atomically with the reply. */
  async #exchange(
    { record, share }: Entry,
    need: Need | undefined,
    isClosing = false,
  ): Promise<Shortage | undefined> {
    const requested = this.#now
    const report = share.report(need, requested, this.#month, isClosing)
    const answer = await this.#options.report(record.id, record, report)
    share.apply(answer, requested, this.#now)
    if (need === undefined) return undefined
    const shortage = share.take(need, this.#now, this.#month)
    if (shortage !== undefined) share.noteShortage(shortage, this.#now)
    return shortage
  }

  #returnPlaces(entry: Entry): void {
    const { gateways, isUp } = this.#options
    if (gateways() > 1 && isUp() && entry.share.hasPlacesToReturn) this.#leaseAhead(entry)
  }

  /** Reports in the background. */
  #leaseAhead(entry: Entry): void {
    if (entry.isLeasing) return
    entry.isLeasing = true
    void this.#inTurn(entry, () => this.#exchange(entry, undefined))
      .catch(() => {})
      .finally(() => {
        entry.isLeasing = false
        // Some requests may have ended in the meantime.
        this.#returnPlaces(entry)
      })
  }

  #refusal({ record, share }: Entry, need: Need, shortage: Shortage, isAlone: boolean): HadalError {
    if (shortage === 'concurrency')
      return concurrencyLimited(record.maxConcurrent!).with({ retryAfterSeconds: 1 })
    if (shortage === 'budget') {
      if (!share.isKnown) return accountsUnavailable().with({ retryAfterSeconds: 1 })
      const budget = record.budget!
      const show = (amount: number): string => shownBudget({ ...budget, amount })
      const until = nextMonth(this.#options.clock.wallClock())
      return budgetExhausted(show(budget.amount), show(share.budgetLeft), show(need.budget), until)
    }
    const limit = (shortage === 'requests' ? record.requestsPerMinute : record.tokensPerMinute)!
    const millis = isAlone
      ? share.millisUntilAlone(shortage, need, this.#options.gateways())
      : share.millisUntil(shortage, need, this.#now)
    const { left } = share.state(shortage, this.#now)
    return rateLimited(shortage, limit, shortage === 'requests' ? 1 : need.tokens, Math.floor(left)).with({
      retryAfterSeconds: Math.max(0.001, millis / 1000),
    })
  }
}

function shownBudget({ unit, amount }: Budget): string {
  return unit === 'tokens' ? shownTokens(amount) : (amount / 1e6).toFixed(amount < 10_000 ? 6 : 2)
}
