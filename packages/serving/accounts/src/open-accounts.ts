/**
 * Combines keys, limits and usage: looks up keys, admits requests within leases, and sends usage through the journal to the
 * database. Two background loops report leases and flush usage.
 */

import { randomUUID } from 'node:crypto'
import { type Clock, type Logger, matchesPattern, messageOf, silentLogger, systemClock } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import type { Accounts, Admission, AdmissionRequest, Caller } from './accounts.ts'
import { findKeyByDigest } from './database/keys.ts'
import { countGateways, dropLeases, forgetGateway, forgetOldLeases, reportLease } from './database/leases.ts'
import { forgetOldEvents, writeUsage } from './database/ledger.ts'
import { type Database, openDatabase, shownDatabase } from './database/open-database.ts'
import { DatabaseHealth } from './database-health.ts'
import { databaseUnusable, modelForbidden, modelUnpriced } from './errors.ts'
import { Journal } from './journal.ts'
import { KeyDirectory } from './key-directory.ts'
import { callerOf, isLimited, type KeyRecord } from './key-record.ts'
import { costMicros, type Price, type PriceTable, priceOf } from './price.ts'
import { needOf, wholeUsage } from './request-need.ts'
import { type Place, SharedLimits } from './shared-limits.ts'
import { monthOf, type UsageEvent } from './usage-event.ts'

export interface AccountsOptions {
  /** Path of a SQLite file, or `postgres://user@host/name` shared by several gateways. */
  readonly database: string
  /** Folder of the usage journal: exclusive to this process, and the same after a restart. */
  readonly journalDir: string
  readonly prices?: PriceTable
  readonly telemetry?: Pick<Telemetry, 'keyRefused' | 'watchAccounts'> | undefined
  readonly clock?: Clock
  readonly logger?: Logger
  /** Maximum time a request waits for the database; 1500 by default. */
  readonly patienceMillis?: number
}

const beatMillis = 1000
const flushMillis = 250
/** Events per transaction. */
const batchSize = 500

/**
 * Opens and migrates the database, and reads what an earlier process left in the journal. Throws `database_unusable`,
 * `sqlite_missing`, `journal_in_use` or `journal_unwritable`. The caller must dispose of it.
 */
export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const { clock = systemClock, logger = silentLogger, patienceMillis = 1500 } = options
  const journal = new Journal(options.journalDir, logger)
  try {
    const { database: path } = options
    const database = await openDatabase({ database: path, clock, logger, patienceMillis })
    const accounts = new OpenAccounts({ ...options, clock, logger }, database, journal)
    try {
      await accounts.begin()
      return accounts
    } catch (cause) {
      await database.close().catch(() => {})
      throw databaseUnusable(shownDatabase(path), messageOf(cause)).with({ cause })
    }
  } catch (error) {
    journal[Symbol.dispose]()
    throw error
  }
}

class OpenAccounts implements Accounts {
  readonly #options: AccountsOptions & { readonly clock: Clock; readonly logger: Logger }
  readonly #database: Database
  readonly #health: DatabaseHealth
  readonly #journal: Journal
  readonly #directory: KeyDirectory
  readonly #limits: SharedLimits
  readonly #records = new WeakMap<Caller, KeyRecord>()
  readonly #callers = new WeakMap<KeyRecord, Caller>()
  /** Distinguishes the usage counted by this process from that of earlier ones. */
  readonly #run = randomUUID()
  readonly #closing = new AbortController()
  #loops: Promise<unknown> = Promise.resolve()
  #flushing: Promise<void> | undefined
  #watching: Disposable | undefined
  #settled = 0
  #gateways = 1
  #prunedAt = Number.NEGATIVE_INFINITY

  constructor(
    options: AccountsOptions & { readonly clock: Clock; readonly logger: Logger },
    database: Database,
    journal: Journal,
  ) {
    this.#options = options
    this.#database = database
    this.#journal = journal
    this.#health = new DatabaseHealth(options.logger)
    const isUp = (): boolean => this.#health.isUp
    this.#directory = new KeyDirectory({
      find: (digest) => this.#health.ask(() => findKeyByDigest(database, digest)),
      isUp,
      clock: options.clock,
    })
    this.#limits = new SharedLimits({
      report: (key, limits, report) =>
        this.#health.ask(() => reportLease(database, journal.owner, key, limits, report)),
      isUp,
      gateways: () => this.#gateways,
      clock: options.clock,
    })
  }

  async begin(): Promise<void> {
    await this.#journal.flush((events) => this.#write(events))
    await dropLeases(this.#database, this.#journal.owner)
    this.#gateways = await countGateways(this.#database, this.#journal.owner)
    this.#watching = this.#options.telemetry?.watchAccounts(() => ({
      journalBacklog: this.#journal.backlog,
      databaseUp: this.#health.isUp,
    }))
    this.#loops = Promise.all([
      this.#repeat(beatMillis, () => this.#beat()),
      this.#repeat(flushMillis, () => this.#flushSome()),
    ])
  }

  async identify(key: string | undefined): Promise<Caller> {
    try {
      const record = await this.#directory.identify(key)
      const known = this.#callers.get(record)
      if (known !== undefined) return known
      const caller = callerOf(record)
      this.#callers.set(record, caller)
      this.#records.set(caller, record)
      return caller
    } catch (error) {
      throw this.#counted(error)
    }
  }

  checkModel({ models }: { readonly models?: readonly string[] | undefined }, model: string): void {
    if (models !== undefined && !models.some((pattern) => matchesPattern(pattern, model)))
      throw this.#counted(modelForbidden(model, models))
  }

  async admit(caller: Caller, request: AdmissionRequest): Promise<Admission> {
    const record = this.#records.get(caller)
    if (record === undefined) throw new TypeError(`the caller ${caller.id} was not identified here`)
    this.checkModel(record, request.model)
    try {
      const price = priceOf(this.#options.prices ?? {}, request.model)
      if (record.budget?.unit === 'micros' && price === undefined) throw modelUnpriced(request.model)
      const most = {
        promptTokens: request.promptTokens,
        cachedTokens: 0,
        completionTokens: request.maxTokens,
      }
      const place = isLimited(record)
        ? await this.#limits.take(record, needOf(record, price, most))
        : undefined
      return this.#admission(record, request, price, place)
    } catch (error) {
      throw this.#counted(error)
    }
  }

  #admission(
    record: KeyRecord,
    request: AdmissionRequest,
    price: Price | undefined,
    place: Place | undefined,
  ): Admission {
    let [isSettled, hasEnded] = [false, false]
    return {
      headers: place?.headers ?? {},
      settle: (usage) => {
        if (isSettled || hasEnded) return
        isSettled = true
        const whole = wholeUsage(usage)
        this.#settled += 1
        this.#journal.append({
          id: `${this.#run}.${this.#settled}`,
          request: request.id.slice(0, 256),
          key: record.id,
          model: request.model.slice(0, 256),
          at: Math.max(0, Math.floor(this.#options.clock.wallClock())),
          ...whole,
          costMicros: costMicros(price, whole),
        })
        place?.settle(needOf(record, price, whole))
      },
      [Symbol.dispose]() {
        if (hasEnded) return
        hasEnded = true
        place?.end()
      },
    }
  }

  async flush(): Promise<void> {
    // A running flush may have started before the last request was settled.
    await this.#flushing?.catch(() => {})
    this.#flushing ??= this.#health
      .ask(() => this.#journal.flush((events) => this.#write(events)))
      .finally(() => {
        this.#flushing = undefined
      })
    await this.#flushing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#loops
    this.#watching?.[Symbol.dispose]()
    try {
      await this.flush()
      await this.#limits.reportAll(true)
      await dropLeases(this.#database, this.#journal.owner)
      await forgetGateway(this.#database, this.#journal.owner)
    } catch (error) {
      const { backlog } = this.#journal
      this.#options.logger.warn('the database is away; what is not counted yet stays in the journal', {
        backlog,
        why: messageOf(error),
      })
    }
    this.#journal[Symbol.dispose]()
    await this.#database.close().catch(() => {})
  }

  async #write(events: readonly UsageEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += batchSize) {
      const batch = events.slice(from, from + batchSize)
      await writeUsage(this.#database, batch)
      for (const event of batch) {
        if (!event.id.startsWith(this.#run)) continue
        const used = event.promptTokens + event.completionTokens
        this.#limits.flushed(
          event.key,
          ({ unit }) => (unit === 'tokens' ? used : event.costMicros),
          monthOf(event.at),
        )
      }
    }
  }

  /** Sends due reports, and detects whether the database is available. */
  async #beat(): Promise<void> {
    this.#gateways = Math.max(
      1,
      await this.#health.ask(() => countGateways(this.#database, this.#journal.owner)),
    )
    await this.#limits.reportAll()
    const now = this.#options.clock.now()
    if (now - this.#prunedAt < 3_600_000) return
    this.#prunedAt = now
    await this.#health.ask(() => forgetOldEvents(this.#database, this.#options.clock.wallClock()))
    await this.#health.ask(() => forgetOldLeases(this.#database))
  }

  async #flushSome(): Promise<void> {
    if (this.#health.isUp && this.#journal.backlog > 0) await this.flush()
  }

  async #repeat(millis: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await this.#options.clock.sleep(millis, signal).catch(() => {})
      if (signal.aborted) return
      // Failures are noted by the health tracking and retried.
      await work().catch(() => {})
    }
  }

  #counted(error: unknown): unknown {
    const { code } = error as { code?: string }
    if (code !== undefined) this.#options.telemetry?.keyRefused(code)
    return error
  }
}
