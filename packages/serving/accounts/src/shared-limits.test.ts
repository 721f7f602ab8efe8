import { type Clock, silentLogger } from '@hadal/base'
import { expect, it } from 'vitest'
import { countGateways, dropLeases, reportLease } from './database/leases.ts'
import { type Database, openDatabase } from './database/open-database.ts'
import { type KeyRecord, noLimits } from './key-record.ts'
import { type Place, SharedLimits } from './shared-limits.ts'

const key: KeyRecord = {
  ...noLimits,
  id: 'key_a',
  name: 'a',
  prefix: 'hdl_a',
  createdAt: 0,
  revokedAt: undefined,
  requestsPerMinute: 40,
  tokensPerMinute: 4000,
  maxConcurrent: 6,
}
const minute = 60_000

/** A process: its own monotonic clock, and the identity that survives restarts. */
class Gateway {
  limits!: SharedLimits
  isRunning = false
  /** What happens to its next report. */
  loses: 'nothing' | 'report' | 'reply' = 'nothing'
  readonly running: { place: Place; used: number }[] = []
  readonly #database: Database
  readonly #clock: Clock
  readonly #id: string

  constructor(database: Database, id: string, clock: Clock) {
    this.#database = database
    this.#clock = clock
    this.#id = id
  }

  async start(): Promise<void> {
    await dropLeases(this.#database, this.#id)
    let gateways = await countGateways(this.#database, this.#id)
    this.isRunning = true
    this.loses = 'nothing'
    this.beat = async () => {
      gateways = await countGateways(this.#database, this.#id)
      await this.limits.reportAll().catch(() => {})
    }
    this.limits = new SharedLimits({
      report: async (id, limits, report) => {
        const { loses } = this
        this.loses = 'nothing'
        if (loses === 'report') throw new Error('the report was lost')
        const answer = await reportLease(this.#database, this.#id, id, limits, report)
        if (loses === 'reply') throw new Error('the reply was lost')
        return answer
      },
      isUp: () => true,
      gateways: () => gateways,
      clock: this.#clock,
    })
  }

  beat = async (): Promise<void> => {}

  /** Without returning anything. */
  kill(): void {
    this.isRunning = false
    this.running.length = 0
  }

  /** It will use this part of its tokens. */
  async request(tokens: number, part = 1, of: KeyRecord = key): Promise<boolean> {
    try {
      const place = await this.limits.take(of, { tokens, budget: 0 })
      this.running.push({ place, used: Math.floor(tokens * part) })
      return true
    } catch (error) {
      expect(['rate_limited', 'concurrency_limited']).toContain((error as { code?: string }).code)
      return false
    }
  }

  /** The oldest running request ends. */
  finish(): void {
    const oldest = this.running.shift()
    if (oldest === undefined) return
    oldest.place.settle({ tokens: oldest.used, budget: 0 })
    oldest.place.end()
  }
}

/** Two gateways and the database, each with its own clock. */
class Fleet implements AsyncDisposable {
  readonly gateways: Gateway[] = []
  readonly rates: readonly number[]
  database!: Database
  /** The clock of the database, and how far it went forward in total. */
  wall = Date.UTC(2026, 10, 15)
  forward = 0
  elapsed = 0

  constructor(rates: readonly number[]) {
    this.rates = rates
  }

  async start(): Promise<this> {
    const wallClock = (): number => this.wall
    const sleep = async (): Promise<void> => {}
    this.database = await openDatabase({
      database: ':memory:',
      clock: { now: wallClock, wallClock, sleep },
      logger: silentLogger,
    })
    for (const [at, rate] of this.rates.entries()) {
      const clock = { now: () => at * 1e6 + this.elapsed * rate, wallClock, sleep }
      const gateway = new Gateway(this.database, `gateway-${at}`, clock)
      this.gateways.push(gateway)
      await gateway.start()
    }
    return this
  }

  get running(): Gateway[] {
    return this.gateways.filter((gateway) => gateway.isRunning)
  }

  /** Time passes everywhere. */
  async pass(millis: number): Promise<void> {
    for (let left = millis; left > 0; left -= 5000) {
      const part = Math.min(left, 5000)
      this.wall += part
      this.forward += part
      this.elapsed += part
      for (const gateway of this.running) await gateway.beat()
    }
  }

  /** The clock of the database is set. */
  step(millis: number): void {
    this.wall += millis
    this.forward += Math.max(0, millis)
  }

  /** Requests at all gateways in turn, until all are refused. */
  async burst(of: KeyRecord = key): Promise<number> {
    let admitted = 0
    for (let isRefused = false; !isRefused; ) {
      isRefused = true
      for (const gateway of this.running) {
        if (!(await gateway.request(1, 1, of))) continue
        gateway.finish()
        admitted += 1
        if (admitted > 1000) throw new Error('the burst does not end')
        isRefused = false
      }
    }
    return admitted
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close()
  }
}

it('a key that was idle for ten minutes has all its requests, on every gateway', async () => {
  await using fleet = await new Fleet([1, 1]).start()
  const of = { ...key, requestsPerMinute: 600, tokensPerMinute: undefined, maxConcurrent: undefined }
  for (let count = 0; count < 30; count += 1) {
    expect(await fleet.gateways[count % 2]!.request(1, 1, of)).toBe(true)
    fleet.gateways[count % 2]!.finish()
    await fleet.pass(1000)
  }
  await fleet.pass(11 * minute)
  expect(await fleet.gateways[0]!.request(1, 1, of)).toBe(true)
  expect(await fleet.burst(of)).toBe(599)
})

it('a clock of the database that was set back an hour blocks no key', async () => {
  await using fleet = await new Fleet([1, 1]).start()
  const [killed, other] = fleet.gateways as [Gateway, Gateway]
  for (let count = 0; count < key.maxConcurrent!; count += 1) await killed.request(1)
  killed.kill()
  fleet.step(-60 * minute)
  await fleet.pass(2 * minute)
  expect(await other.request(1)).toBe(true)
  other.finish()
  expect(await fleet.burst()).toBe(key.requestsPerMinute! - 1)
  fleet.step(-60 * minute)
  await fleet.pass(2 * minute)
  expect(await fleet.burst()).toBe(key.requestsPerMinute!)
})
