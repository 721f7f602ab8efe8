/**
 * Measures each tenant's service relative to its due, and the largest gap between two tenants that both waited. Only observes a
 * simulation.
 */

import { fairDues } from './fair-dues.ts'
import { Histogram, type Percentiles } from './histogram.ts'
import type { Outcome, SimulationWatch } from './tally.ts'
import type { Tenant } from './tenants.ts'
import type { SimulatedRequest } from './traffic.ts'

/** Service is counted in prompt tokens; a new token counts as this many. */
const newTokenCost = 2
/** Dues are recalculated after this time: unused demand does not carry over. */
const windowMillis = 60_000

export interface TenantReport {
  readonly name: string
  readonly weight: number
  readonly priority: number
  readonly requests: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Tokens of all its requests, of the computed ones and of the refused ones. */
  readonly offeredTokens: number
  readonly servedTokens: number
  readonly refusedTokens: number
  /** In prompt tokens; a new token counts as two. */
  readonly service: number
  /** Its weighted max-min fair share of the total service, given its demand and its limits; in the same unit. */
  readonly due: number
  /** Share of the time in which it had queued requests. */
  readonly backlogged: number
  /** Time in the queue. */
  readonly waitMillis: Percentiles | undefined
  readonly ttftMillis: Percentiles | undefined
}

/** The two tenants of one priority with the largest gap relative to the bound, while both had queued requests. */
export interface Apart {
  readonly tenants: readonly [string, string]
  /** The largest difference of weighted service in any such period. */
  readonly service: number
  /** The smaller of their weights. */
  readonly weight: number
}

class Account {
  readonly tenant: Tenant
  readonly outcomes: Record<Outcome, number> = {
    done: 0,
    too_long: 0,
    limited: 0,
    queue_full: 0,
    deadline_unmet: 0,
  }
  readonly wait = new Histogram()
  readonly ttft = new Histogram()
  readonly weight: number
  readonly pairs: Pair[] = []
  servedTokens = 0
  offeredTokens = 0
  refusedTokens = 0
  service = 0
  due = 0
  /** Due in an earlier window and still waiting: counted once only. */
  owed = 0
  /** Queued demand. */
  waiting = 0
  waitingService = 0
  waitsSince = 0
  waitedMillis = 0
  /** Totals of the current window. */
  readonly window = { service: 0, refused: 0, minWaiting: 0 }

  constructor(tenant: Tenant) {
    this.tenant = tenant
    this.weight = tenant.weight ?? 1
  }

  get normalised(): number {
    return this.service / this.weight
  }
}

class Pair {
  readonly a: Account
  readonly b: Account
  isBacklogged = false
  low = 0
  high = 0
  most = 0

  constructor(a: Account, b: Account) {
    this.a = a
    this.b = b
  }

  settle(): void {
    if (this.a.waiting === 0 || this.b.waiting === 0) return
    const lead = this.a.normalised - this.b.normalised
    if (!this.isBacklogged) {
      this.isBacklogged = true
      this.low = lead
      this.high = lead
    }
    if (lead < this.low) this.low = lead
    if (lead > this.high) this.high = lead
    this.most = Math.max(this.most, this.high - this.low)
  }
}

export class TenantTally implements SimulationWatch {
  readonly #accounts: ReadonlyMap<string, Account>
  readonly #pairs: Pair[] = []
  readonly #inLine = new Set<SimulatedRequest>()
  #settledAt = 0
  #windowEnds = windowMillis
  /** The longest prompt of all. */
  longestPrompt = 0

  constructor(tenants: readonly Tenant[]) {
    const accounts = tenants.map((tenant) => new Account(tenant))
    this.#accounts = new Map(accounts.map((account) => [account.tenant.name, account]))
    for (const [at, a] of accounts.entries())
      for (const b of accounts.slice(at + 1)) {
        if ((a.tenant.priority ?? 0) !== (b.tenant.priority ?? 0)) continue
        const pair = new Pair(a, b)
        this.#pairs.push(pair)
        a.pairs.push(pair)
        b.pairs.push(pair)
      }
  }

  onEnter(request: SimulatedRequest, _dueAt: number | undefined, now: number): void {
    this.#passTo(now)
    const account = this.#of(request)
    if (account.waiting === 0) account.waitsSince = now
    account.waiting += 1
    account.waitingService += serviceOf(request)
    this.#inLine.add(request)
    if (account.waiting === 1) for (const pair of account.pairs) pair.settle()
  }

  onStart(request: SimulatedRequest, now: number): void {
    this.#passTo(now)
    this.#of(request).wait.add(now - request.arrivalMillis)
    this.#leaveLine(request, now)
  }

  onFirst(request: SimulatedRequest, now: number): void {
    this.#of(request).ttft.add(now - request.arrivalMillis)
  }

  onServed(request: SimulatedRequest, promptTokens: number, outputTokens: number, now: number): void {
    if (now !== this.#settledAt) this.#settle()
    this.#settledAt = now
    this.#passTo(now)
    const account = this.#of(request)
    const service = promptTokens + newTokenCost * outputTokens
    account.servedTokens += promptTokens + outputTokens
    account.service += service
    account.window.service += service
  }

  onOutcome(request: SimulatedRequest, outcome: Outcome, now: number): void {
    this.#passTo(now)
    this.#leaveLine(request, now)
    const account = this.#of(request)
    const tokens = request.promptTokens + request.outputTokens
    account.outcomes[outcome] += 1
    account.offeredTokens += tokens
    if (request.promptTokens > this.longestPrompt) this.longestPrompt = request.promptTokens
    if (outcome === 'done') return
    account.refusedTokens += tokens
    // Service that its limits forbid is not due to it.
    if (outcome !== 'limited') account.window.refused += serviceOf(request)
  }

  tenants(simulatedMillis: number): TenantReport[] {
    this.#settle()
    this.#closeWindow()
    return [...this.#accounts.values()].map((account) => ({
      name: account.tenant.name,
      weight: account.weight,
      priority: account.tenant.priority ?? 0,
      requests: Object.values(account.outcomes).reduce((sum, count) => sum + count, 0),
      outcomes: { ...account.outcomes },
      offeredTokens: account.offeredTokens,
      servedTokens: account.servedTokens,
      refusedTokens: account.refusedTokens,
      service: account.service,
      due: account.due,
      backlogged: simulatedMillis === 0 ? 0 : account.waitedMillis / simulatedMillis,
      waitMillis: account.wait.summary,
      ttftMillis: account.ttft.summary,
    }))
  }

  /** Undefined if no two tenants of one priority ever waited at the same time. */
  get apart(): Apart | undefined {
    let furthest: Apart | undefined
    for (const { a, b, most } of this.#pairs) {
      const weight = Math.min(a.weight, b.weight)
      if (most > 0 && (furthest === undefined || most * weight > furthest.service * furthest.weight))
        furthest = { tenants: [a.tenant.name, b.tenant.name], service: most, weight }
    }
    return furthest
  }

  #of({ key = '' }: SimulatedRequest): Account {
    return this.#accounts.get(key)!
  }

  #leaveLine(request: SimulatedRequest, now: number): void {
    if (!this.#inLine.delete(request)) return
    const account = this.#of(request)
    account.waiting -= 1
    account.waitingService -= serviceOf(request)
    account.window.minWaiting = Math.min(account.window.minWaiting, account.waitingService)
    if (account.waiting > 0) return
    account.waitedMillis += now - account.waitsSince
    for (const pair of account.pairs) pair.isBacklogged = false
  }

  #settle(): void {
    for (const pair of this.#pairs) pair.settle()
  }

  #passTo(now: number): void {
    while (now >= this.#windowEnds) {
      this.#closeWindow()
      this.#windowEnds += windowMillis
    }
  }

  /** A tenant that waited all the time could have used this as well. */
  #closeWindow(): void {
    const accounts = [...this.#accounts.values()]
    const claims = accounts.map(({ weight, window, owed }) => ({
      wants: Math.max(0, window.service + window.refused + window.minWaiting - owed),
      weight,
    }))
    const total = accounts.reduce((sum, { window }) => sum + window.service, 0)
    for (const [at, due] of fairDues(claims, total).entries()) {
      const account = accounts[at]!
      const { service, refused } = account.window
      account.due += due
      // Refused requests do not wait.
      account.owed = Math.max(0, account.owed + Math.max(0, due - refused) - service)
      Object.assign(account.window, { service: 0, refused: 0, minWaiting: account.waitingService })
    }
  }
}

const serviceOf = ({ promptTokens, outputTokens }: SimulatedRequest): number =>
  promptTokens + newTokenCost * outputTokens
